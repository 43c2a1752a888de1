from unittest.mock import patch

import numpy as np

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmProductRecommendationHoldout(AnalyticsCase):
    """Features, row 45: what recommendations bring, told from a comparison group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.recommendation_holdout = 20
        cls.recommendations = cls.env["crm.product.recommendation"]
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(200)]
        )
        cls.products = cls.env["product.product"].create(
            [
                {"name": name, "type": "consu", "list_price": 50}
                for name in ("Bought", "Goes with it", "Suits him")
            ]
        )
        cls.shown = cls._filter(cls.customers)
        cls.held_out = cls.customers - cls.shown

    @classmethod
    def _filter(cls, customers):
        return cls.recommendations._filter_recommended_to(customers, cls.company)

    def test_a_share_is_held_out_always_the_same(self):
        self.assertAlmostEqual(len(self.held_out), 40, delta=20)
        self.env.invalidate_all()
        self.assertEqual(self._filter(self.customers), self.shown)
        self.company.recommendation_holdout = 40
        self.assertFalse(self._filter(self.customers) & self.held_out)
        self.company.recommendation_holdout = 0
        self.assertEqual(self._filter(self.customers), self.customers)

    def test_each_company_draws_its_own(self):
        other = self.env["res.company"].create(
            {"name": "Other", "recommendation_holdout": 20}
        )
        self.assertNotEqual(
            self.recommendations._filter_recommended_to(self.customers, other),
            self.shown,
        )

    def test_nothing_is_recommended_to_who_is_held_out(self):
        """On the quotation, on the portal, in messages, on the 360 view."""
        bought, with_it, suits = self.products
        if "is_published" in bought._fields:
            self.products.is_published = True
        one, other = self.shown[0], self.held_out[0]
        for customer in one | other:
            self._sell(customer, bought)
        while self.profile._refresh():
            pass
        self.env["crm.product.affinity"].create(
            {
                "product_id": bought.id,
                "other_product_id": with_it.id,
                "company_id": self.company.id,
                "confidence": 0.5,
            }
        )
        ids, ones = np.array((one | other).ids), np.ones(2, int)
        self.recommendations._replace(
            self.company, ids, ids, suits.id * ones, ones, ones, 0 * ones
        )
        seller = new_test_user(
            self.env,
            "seller_holdout",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.assertEqual(
            {each["product_id"] for each in self._ask(seller, one)},
            {with_it.id, suits.id},
        )
        self.assertFalse(self._ask(seller, other))
        orders = [customer.sale_order_ids for customer in one | other]
        told = [order._get_portal_recommendations(order.partner_id) for order in orders]
        self.assertEqual((told[0], told[1]), (with_it | suits, bought.browse()))
        messages = (one | other).with_company(self.company)._get_next_products()
        self.assertEqual(messages.get(one.id), suits)
        self.assertNotIn(other.id, messages)
        tiles = [
            {tile["key"] for tile in profile._get_360_tiles()}
            for profile in self._get_profiles(one | other)
        ]
        self.assertNotIn("recommendation", tiles[1])

    def test_the_run_tells_what_recommendations_bring(self):
        """Who is recommended to has two lines of 50 more on each quotation."""
        self._quote(self.shown, 3)
        self._quote(self.held_out, 1)
        run = self._run_analysis("recommendation")
        figures = run.quality["holdout"]
        self.assertEqual(figures["shown"]["customers"], len(self.shown))
        self.assertEqual(figures["held_out"]["customers"], len(self.held_out))
        self.assertAlmostEqual(figures["more_lines"], 2)
        self.assertGreater(figures["more_value_low"], 0)
        self.assertIn("They work", run.summary)
        self.assertIn("comparison group", run.quality_html)

    def test_without_a_difference_no_effect_is_shown(self):
        for number, customer in enumerate(self.customers):
            self._quote(customer, 1 + number % 3)
        run = self._run_analysis("recommendation")
        figures = run.quality["holdout"]
        self.assertLess(figures["more_lines_low"], 0)
        self.assertGreater(figures["more_lines_high"], 0)
        self.assertIn("No effect is shown yet", run.summary)

    def test_quotations_before_the_comparison_do_not_count(self):
        self._quote(self.customers, 1)
        later = fields.Datetime.add(self.env.cr.now(), hours=1)
        with patch.object(self.env.cr, "now", lambda: later):
            self.company.recommendation_holdout = 30
        run = self._run_analysis("recommendation")
        self.assertNotIn("more_value", run.quality["holdout"])
        self.assertIn("too few", run.summary)

    def _ask(self, user, customer):
        return self.env["sale.order"].with_user(user).get_recommendations(
            customer.id, self.products[0].ids, False, self.company.id
        )  # fmt: skip

    def _sell(self, customer, product):
        order = self._quote(customer, 1, product)
        order.action_confirm()
        return order

    def _quote(self, customers, lines, product=None):
        product = product or self.products[0]
        return self.env["sale.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "order_line": [
                        Command.create({"product_id": product.id})
                        for _line in range(lines)
                    ],
                }
                for customer in customers
            ]
        )

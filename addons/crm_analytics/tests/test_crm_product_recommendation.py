import random

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmProductRecommendation(AnalyticsCase):
    """Two tastes, of five products each; a customer has bought four of his own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.env["product.product"].create(
            [
                {
                    "name": f"{taste} {number}",
                    "type": "consu",
                    "list_price": 10 + number,
                }
                for taste in ("Tea", "Bolt")
                for number in range(5)
            ]
        )
        history = [
            [(400 - 40 * step, 10) for step in range(4)] for _customer in range(80)
        ]
        cls.customers = cls._create_history(history)
        cls._put_products_on_orders()
        cls.seller = new_test_user(
            cls.env,
            "seller",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _put_products_on_orders(cls):
        """Customer by customer another of the five is not yet bought."""
        lines, draw = [], random.Random(3)
        for place, customer in enumerate(cls.customers):
            taste = cls.products[:5] if place % 2 else cls.products[5:]
            bought = [p for number, p in enumerate(taste) if number != place // 2 % 5]
            pair = bought[:2]
            draw.shuffle(bought)
            orders = customer.sale_order_ids.sorted("date_order")
            lines += [
                {"order_id": order.id, "product_id": product.id, "price_unit": 10}
                for order, product in zip(orders, bought, strict=True)
            ]
            if place >= 40:
                together = orders[bought.index(pair[0])]
                lines.append({"order_id": together.id, "product_id": pair[1].id})
        # What was bought long ago is not delivered today.
        lines_model = cls.env["sale.order.line"].with_context(skip_procurement=True)
        lines_model.create(lines)

    def _get_recommended(self, customer):
        return self.env["crm.product.recommendation"].search(
            [("partner_id", "=", customer.id), ("company_id", "=", self.company.id)]
        )

    def _ask(self, user, customer, products=()):
        return self.env["sale.order"].with_user(user).get_recommendations(
            customer.id, [p.id for p in products], False, self.company.id
        )  # fmt: skip

    def test_the_missing_one_of_his_taste_is_first(self):
        run = self._run_analysis("recommendation")
        self.assertEqual((run.state, run.customer_count), ("done", 80))
        for place in (0, 1, 22, 33):
            customer = self.customers[place]
            taste = self.products[:5] if place % 2 else self.products[5:]
            first = self._get_recommended(customer)[0]
            self.assertEqual(first.product_id, taste[place // 2 % 5])
            self.assertIn(first.because_product_id, taste - first.product_id)
            self.assertIn(first.because_product_id.display_name, first.reason)
            [profile] = self._get_profiles(customer)
            self.assertEqual(profile.next_product_id, first.product_id)
            self.assertEqual(customer.crm_next_product_id, first.product_id)

    def test_the_hit_rate_is_told(self):
        run = self._run_analysis("recommendation")
        self.assertGreater(run.quality["hit_at_5"], run.quality["popularity_at_5"])
        self.assertIn("best sellers", run.summary)
        self.assertTrue(run.charts)
        self.assertIn("Hit rate at 10", run.quality_html)

    def test_a_trial_and_a_second_run_leave_no_double(self):
        trial = self._run_analysis("recommendation", is_trial=True)
        self.assertEqual(trial.state, "done")
        self.assertFalse(self._get_recommended(self.customers[0]))
        for _time in range(2):
            run = self._run_analysis("recommendation")
        once = self._get_recommended(self.customers[0])
        self.assertEqual(once.mapped("rank"), [*range(1, len(once) + 1)])
        run.action_use_results()
        self.assertEqual(len(self._get_recommended(self.customers[0])), len(once))

    def test_what_cannot_be_sold_is_not_offered(self):
        self.products[0].sale_ok = False
        self._run_analysis("recommendation")
        told = self.env["crm.product.recommendation"].search([])
        self.assertNotIn(self.products[0], told.product_id)
        # Nor what went off sale since the night.
        customer = self.customers[3]
        first = self._get_recommended(customer)[0].product_id
        self.assertIn(
            first.id, [each["product_id"] for each in self._ask(self.seller, customer)]
        )
        first.sale_ok = False
        self.assertNotIn(
            first.id, [each["product_id"] for each in self._ask(self.seller, customer)]
        )

    def test_carriage_is_no_reason(self):
        carriage = self.env["product.product"].create(
            {"name": "Postage", "type": "service", "sale_ok": False}
        )
        self.env["sale.order.line"].create(
            [
                {"order_id": order.id, "product_id": carriage.id, "price_unit": 3}
                for order in self.customers.sale_order_ids
            ]
        )
        self._run_analysis("recommendation")
        found = self._get_recommended(self.customers[0])
        self.assertTrue(found)
        self.assertNotIn(carriage, found.because_product_id + found.product_id)

    def test_one_click_adds_at_his_price(self):
        self._run_analysis("recommendation")
        customer = self.customers[0]
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Half",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "percentage",
                            "percent_price": 50,
                            "applied_on": "3_global",
                        }
                    )
                ],
            }
        )
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create({"partner_id": customer.id, "pricelist_id": pricelist.id})
        )
        told = order.get_recommendations(customer.id, [], pricelist.id, self.company.id)
        product = self.env["product.product"].browse(told[0]["product_id"])
        self.assertIn(f"{product.list_price / 2:.2f}", told[0]["price"])
        self.assertIn("which he bought", told[0]["reason"])
        order.action_add_recommended(product.id)
        self.assertRecordValues(
            order.order_line,
            [
                {
                    "product_id": product.id,
                    "product_uom_qty": 1,
                    "price_subtotal": product.list_price / 2,
                    "is_recommended": True,
                }
            ],
        )
        rest = order.get_recommendations(
            customer.id, product.ids, pricelist.id, self.company.id
        )
        self.assertNotIn(product.id, [each["product_id"] for each in rest])
        order.action_confirm()
        with self.assertRaises(UserError):
            order.action_add_recommended(product.id)

    def test_what_goes_with_the_quotation_comes_first(self):
        run = self._run_analysis("affinity", least_support=1)
        self.assertEqual(run.state, "done")
        pairs = self.env["crm.product.affinity"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertTrue(pairs)
        self.assertEqual(run.quality["pairs"], len(pairs))
        self.assertGreater(min(pairs.mapped("lift")), 1)
        pair = pairs[0]
        newcomer = self.env["res.partner"].create({"name": "Newcomer"})
        told = self._ask(self.seller, newcomer, pair.product_id)
        self.assertIn(pair.other_product_id.id, [each["product_id"] for each in told])
        self.assertIn(pair.product_id.display_name, told[0]["reason"])

    def test_earlier_results_come_back(self):
        day = fields.Date.subtract(fields.Date.today(), days=350)
        for kind, model, names, other in (
            (
                "recommendation",
                "crm.product.recommendation",
                ("partner_id", "product_id", "rank", "because_product_id"),
                {"date_from": day},
            ),
            (
                "affinity",
                "crm.product.affinity",
                ("product_id", "other_product_id", "order_count", "lift"),
                {"least_support": 50},
            ),
        ):
            with self.subTest(kind):

                def read(model=model, names=names):
                    mine = [("company_id", "=", self.company.id)]
                    rows = self.env[model].search(mine)
                    return {tuple(str(row[name]) for name in names) for row in rows}

                first = self._run_analysis(kind, least_support=1)
                before = read()
                self.assertTrue(before)
                second = self._run_analysis(kind, **other)
                self.assertNotEqual(read(), before)
                compare = self.env["crm.analytics.run.compare"]
                runs = first + second
                compared = compare.with_context(active_ids=runs.ids).create({})
                self.assertIn("the other", compared.comparison)
                first.action_use_results()
                self.assertEqual(read(), before)
                self.assertTrue(first.is_current and first.is_pinned)
                self._run_analysis(kind, **other)
                self.assertEqual(read(), before, "Pinned: the next run is not used.")

    def test_a_manager_of_analyses_runs_each_kind(self):
        manager = new_test_user(
            self.env,
            "manager_of_analyses",
            groups="crm_analytics.crm_analytics_group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        runs = self.env["crm.analytics.run"].with_user(manager)
        for kind, _label in runs._fields["kind"].selection:
            with self.subTest(kind):
                run = runs.create({"kind": kind, "least_support": 1})
                run.action_run()
                self.assertEqual(run.state, "done", run.summary)

    def test_who_may_not_see_his_orders_is_not_told_what_he_bought(self):
        self._run_analysis("recommendation")
        other = new_test_user(
            self.env,
            "other_seller",
            groups="sales_team.group_sale_salesman",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        customer = self.customers[0]
        customer.sale_order_ids.user_id = self.seller
        reasons = {each["reason"] for each in self._ask(other, customer)}
        self.assertEqual(reasons, {"Suits what he buys"})
        portal = new_test_user(self.env, "portal_rec", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self._ask(portal, customer)
        self.assertFalse(
            self.env["crm.product.recommendation"].with_user(other).has_access("read")
        )

    def test_who_objects_is_forgotten(self):
        self._run_analysis("recommendation")
        customer = self.customers[0]
        self.assertTrue(self._get_recommended(customer))
        self._get_profiles(customer)[0]._clear_scores()
        self.assertFalse(self._get_recommended(customer))
        self.assertTrue(self._get_recommended(self.customers[1]))

    def test_merged_contacts_have_each_product_once(self):
        self._run_analysis("recommendation")
        first, second = self.customers[0], self.customers[2]
        told = self._get_recommended(first).product_id
        told |= self._get_recommended(second).product_id
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (first + second).ids, first
        )
        kept = self._get_recommended(first)
        self.assertEqual(kept.product_id, told)
        self.assertEqual(len(kept), len(told))

    def test_on_the_360_view(self):
        self._run_analysis("recommendation")
        [profile] = self._get_profiles(self.customers[0])
        view = profile.get_customer_360(profile.id)
        keys = {tile["key"] for tile in view["tiles"]}
        self.assertIn("recommendation", keys)
        advice = {each["key"]: each for each in view["next_actions"]}
        self.assertIn("recommendation", advice)
        first = self._get_recommended(self.customers[0])[0]
        self.assertIn(first.product_id.display_name, advice["recommendation"]["label"])

    def test_no_products_at_all(self):
        self.env["sale.order.line"].search(
            [("company_id", "=", self.company.id)]
        ).with_context(force_delete=True).mapped("order_id").write({"state": "cancel"})
        for kind in ("recommendation", "affinity"):
            run = self._run_analysis(kind)
            self.assertEqual((run.state, run.customer_count), ("done", 0))


@tagged("post_install", "-at_install")
class TestNextOrderRun(AnalyticsCase):
    def test_next_order_dates_stand_on_the_profiles(self):
        history = [
            [
                (day + number % 9, 10)
                for day in range(720, 0, -(20 if number % 2 else 45))
            ]
            for number in range(160)
        ]
        customers = self._create_history(history)
        run = self._run_analysis("next_order", horizon_months=3)
        self.assertGreater(run.quality["coverage"], 0.6)
        often, seldom = self._get_profiles(customers[1] + customers[0])
        today = fields.Date.today()
        for profile in (often, seldom):
            self.assertLessEqual(profile.next_order_earliest, profile.next_order_date)
            self.assertLessEqual(profile.next_order_date, profile.next_order_latest)
            self.assertGreater(profile.next_order_date, today)
        self.assertLess((often.next_order_date - today).days, 25)
        keys = {tile["key"] for tile in often._get_360_tiles()}
        self.assertIn("next_order", keys)

    def test_too_little_history_is_told(self):
        self._create_history([[(20, 10), (10, 10)]])
        run = self._run_analysis("next_order")
        self.assertEqual(run.method, "none")
        self.assertIn("Too little history", run.summary)

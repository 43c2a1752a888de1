from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmSegmentCondition(LifecycleCase):
    """Whom a condition on what happened lets into a segment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_customer("Bob Ltd")
        cls.third = cls._create_customer("Cid Ltd")
        cls.all = cls.customer | cls.other | cls.third
        cls.all.ref = "CONDITION"
        cls.profile._refresh(cls.all)
        cls.confirmed = cls.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_confirmed"
        )
        cls.cancelled = cls.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_cancelled"
        )

    def _create_segment(self, *conditions, match="all", **values):
        return self.env["crm.segment"].create(
            {
                "name": "Tested",
                "domain": "[('partner_id.ref', '=', 'CONDITION')]",
                "match": match,
                "condition_ids": [Command.create(vals) for vals in conditions],
                **values,
            }
        )

    def _on_orders(self, **values):
        return {"event_type_ids": [Command.link(self.confirmed.id)], **values}

    def _order_at(self, partner, *days, **values):
        for days_ago in days:
            order = self._create_order(partner, days_ago=days_ago, **values)
            self.event.search([("res_id", "=", order.id)]).flush_recordset()
            self.env.cr.execute(
                "UPDATE crm_customer_event SET date = %s WHERE res_id = %s "
                "AND res_model = 'sale.order'",
                [fields.Datetime.now() - timedelta(days=days_ago), order.id],
            )
        self.profile._refresh(partner)

    def assertMembers(self, segment, partners):
        segment._refresh_members()
        self.assertEqual(segment.member_ids.partner_id, partners)
        # A few customers asked about by themselves give the same answer.
        query = segment._search_wanted(segment._get_profile_domain())
        self.assertEqual(
            self.profile.browse(query).partner_id, partners, "preview and members"
        )

    def test_three_orders_in_90_days(self):
        self._order_at(self.customer, 5, 40, 80)
        self._order_at(self.other, 5, 40, 120)
        segment = self._create_segment(self._on_orders(number=3, days=90))
        self.assertMembers(segment, self.customer)

    def test_never_and_at_most(self):
        self._order_at(self.customer, 5)
        self._order_at(self.other, 5, 6)
        self.assertMembers(
            self._create_segment(self._on_orders(operator="exactly", number=0)),
            self.third,
        )
        self.assertMembers(
            self._create_segment(self._on_orders(operator="at_most", number=1)),
            self.customer | self.third,
        )
        self.assertMembers(
            self._create_segment(self._on_orders(operator="exactly", number=1)),
            self.customer,
        )

    def test_happened_but_something_did_not_follow(self):
        self._order_at(self.customer, 30)
        self._order_at(self.other, 30)
        self._order_at(self.third, 3)
        order = self.env["sale.order"].search([("partner_id", "=", self.other.id)])
        order._action_cancel()
        self.event.flush_model()
        self.env.cr.execute(
            "UPDATE crm_customer_event SET date = %s WHERE type_id = %s",
            [fields.Datetime.now() - timedelta(days=25), self.cancelled.id],
        )
        follow = {"follow_type_id": self.cancelled.id, "follow_days": 14}
        self.assertMembers(
            self._create_segment(self._on_orders(followed="no", **follow)),
            # The third's time to cancel has not passed.
            self.customer,
        )
        self.assertMembers(
            self._create_segment(self._on_orders(followed="yes", **follow)), self.other
        )

    def test_bought_a_product_twice_in_90_days(self):
        other_product = self.env["product.product"].create(
            {"name": "Other", "type": "consu", "taxes_id": False}
        )
        self._order_at(self.customer, 5, 60)
        self._order_at(self.other, 5, 100)
        condition = {"kind": "product", "number": 2, "days": 90}
        with_product = {**condition, "product_ids": [Command.link(self.product.id)]}
        self.assertMembers(self._create_segment(with_product), self.customer)
        with_other = {**condition, "product_ids": [Command.link(other_product.id)]}
        self.assertMembers(self._create_segment(with_other), self.profile.partner_id)
        by_category = {
            **condition,
            "product_category_ids": [Command.link(self.product.categ_id.id)],
        }
        if self.product.categ_id:
            self.assertMembers(self._create_segment(by_category), self.customer)

    def test_documents_by_a_path_to_the_customer(self):
        self._order_at(self.customer, 5, amount=900)
        self._order_at(self.other, 5, amount=100)
        segment = self._create_segment(
            {
                "kind": "document",
                "model_id": self.env["ir.model"]._get_id("sale.order.line"),
                "domain": "[('price_unit', '>', 500)]",
                "partner_path": "order_id.partner_id",
                "date_path": "order_id.date_order",
                "value_path": "price_subtotal",
                "value_min": 800,
            }
        )
        self.assertMembers(segment, self.customer)

    def test_any_of_several_conditions(self):
        self._order_at(self.customer, 5)
        self._order_at(self.other, 200)
        segment = self._create_segment(
            self._on_orders(days=30),
            self._on_orders(period="between", date_to=fields.Date.today()),
            match="any",
            domain="[]",
        )
        segment._refresh_members()
        self.assertEqual(
            segment.member_ids.partner_id & self.all, self.customer | self.other
        )

    def test_a_few_customers_by_themselves(self):
        segment = self._create_segment(self._on_orders(number=2))
        never = self._create_segment(self._on_orders(operator="exactly", number=0))
        (segment | never)._refresh_members()
        self.assertEqual(never.member_ids.partner_id, self.all)
        self._order_at(self.customer, 1, 2)
        self.env["crm.segment"]._update_members(self._get_profile().ids)
        self.assertEqual(segment.member_ids.partner_id, self.customer)
        self.assertEqual(never.member_ids.partner_id, self.other | self.third)
        # Nobody else was touched, and nothing is left for the full refresh.
        self.assertEqual(segment._refresh_members(), (0, 0))
        self.assertEqual(never._refresh_members(), (0, 0))

    def test_longer_ago_than_some_days(self):
        self._order_at(self.customer, 200)
        self._order_at(self.other, 10)
        segment = self._create_segment(self._on_orders(period="before", days=100))
        self.assertMembers(segment, self.customer)
        self.assertEqual(
            segment.condition_ids.summary,
            "Order confirmed at least once longer ago than 100 days",
        )
        with self.assertRaisesRegex(ValidationError, "Longer ago than how many"):
            segment.condition_ids.days = 0

    def test_any_event_of_a_category(self):
        self._order_at(self.customer, 20)
        self._create_order(self.other, days_ago=20).action_cancel()
        segment = self._create_segment({"event_category": "sale", "period": "ever"})
        self.assertMembers(segment, self.customer | self.other)
        self.assertEqual(
            segment.condition_ids.summary, "any event of Sales at least once"
        )
        nothing = self._create_segment({"event_category": "delivery", "number": 0})
        self.assertMembers(nothing, self.all)

    def test_the_condition_in_words(self):
        segment = self._create_segment(
            self._on_orders(number=3, days=90),
            self._on_orders(
                followed="no", follow_type_id=self.cancelled.id, follow_days=14
            ),
        )
        self.assertEqual(
            segment.condition_ids.mapped("summary"),
            [
                "Order confirmed at least 3 times in the last 90 days",
                "Order confirmed at least once in the last 90 days not followed by "
                "Order cancelled within 14 days",
            ],
        )

    def test_an_incomplete_condition_is_refused(self):
        for values in (
            {"kind": "event"},
            {"kind": "document"},
            self._on_orders(days=0),
            self._on_orders(followed="yes"),
            {
                "kind": "document",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "partner_path": "nowhere_id",
            },
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._create_segment(values)

    def test_the_check_of_the_feature_table(self):
        """Bought A twice in 90 days and nothing overdue: one order moves one in."""
        segment = self._create_segment(
            {
                "kind": "product",
                "product_ids": [Command.link(self.product.id)],
                "number": 2,
                "days": 90,
            },
            domain="[('partner_id.ref', '=', 'CONDITION'), ('overdue_amount', '=', 0)]",
        )
        self._order_at(self.customer, 5)
        self._order_at(self.other, 5)
        segment._refresh_members()
        self.assertFalse(segment.member_ids)
        self._create_order(self.customer)
        self._run_pipeline()
        self.assertEqual(segment.member_ids.partner_id, self.customer)
        entered = self.event.search(
            [
                ("type_id.code", "=", "segment_entered"),
                ("res_id", "in", segment.member_ids.ids),
            ]
        )
        self.assertEqual(entered.partner_id, self.customer)
        self.assertEqual(len(entered), 1)

    def test_the_scheduled_refresh_moves_whom_an_order_concerns(self):
        segment = self._create_segment(self._on_orders())
        with self.enter_registry_test_mode():
            refresh = self.env.ref("crm_lifecycle.ir_cron_refresh_profiles")
            refresh.method_direct_trigger()
            self._create_order(self.customer)
            refresh.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(segment.member_ids.partner_id, self.customer)

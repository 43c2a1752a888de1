from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestProgramSegments(LoyaltyCase):
    """A program for members of a segment is not there for others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create({"name": "Bert"})
        cls.segment = cls.env["crm.segment"].create({"name": "Club", "kind": "static"})
        cls.env["crm.segment.member"].create(
            {"segment_id": cls.segment.id, "partner_id": cls.customer.id}
        )
        cls.program.crm_segment_ids = cls.segment
        cls.seller = new_test_user(
            cls.env,
            "seller",
            groups="sales_team.group_sale_salesman_all_leads,base.group_partner_manager",
        )

    def _get_points(self, order):
        return sum(order.coupon_point_ids.mapped("points"))

    def test_orders_of_members_get_points_others_do_not(self):
        self.assertEqual(self._get_points(self._create_order()), 100)
        self.assertEqual(self._get_points(self._create_order(partner=self.other)), 0)

    def test_a_contact_of_a_member_counts_as_the_customer(self):
        contact = self.customer.create({"name": "Buyer", "parent_id": self.customer.id})
        self.assertEqual(self._get_points(self._create_order(partner=contact)), 100)

    def test_a_seller_who_sees_no_segments_sells_on(self):
        for partner, points in ((self.customer, 100), (self.other, 0)):
            order = self._create_order(partner=partner)
            order.user_id = self.seller
            order.with_user(self.seller)._update_programs_and_rewards()
            self.assertEqual(self._get_points(order), points)
            order.with_user(self.seller).action_confirm()
            self.assertEqual(order.state, "sale")

    def test_who_leaves_the_segment_loses_the_discount_of_an_open_quotation(self):
        self.program.write(
            {
                "program_type": "promotion",
                "applies_on": "current",
                "reward_ids": [
                    Command.clear(),
                    Command.create({"discount": 10, "required_points": 1}),
                ],
            }
        )
        order = self._create_order()
        order._apply_program_reward(
            self.program.reward_ids, order.coupon_point_ids.coupon_id
        )
        self.assertEqual(order.amount_untaxed, 90)
        self.segment.member_ids.action_leave()
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_untaxed, 100)

    def test_code_of_a_program_for_others_is_refused(self):
        program = self._create_program(
            name="Code",
            program_type="promo_code",
            applies_on="current",
            trigger="with_code",
            crm_segment_ids=self.segment.ids,
            rule_ids=[Command.create({"mode": "with_code", "code": "CLUB10"})],
            reward_ids=[Command.create({"discount": 10})],
        )
        self.assertIn(
            "error", self._create_order(partner=self.other)._try_apply_code("CLUB10")
        )
        self.assertNotIn("error", self._create_order()._try_apply_code("CLUB10"))
        program.crm_segment_ids = False
        self.assertNotIn(
            "error", self._create_order(partner=self.other)._try_apply_code("CLUB10")
        )

    def test_events_of_members_earn_points_others_do_not(self):
        rule = self.env["loyalty.earning.rule"].create(
            {
                "name": "Thanks",
                "program_id": self.program.id,
                "event_type_id": self.env.ref(
                    "crm_lifecycle.crm_customer_event_type_lead_created"
                ).id,
                "points": 10,
                "enrol": True,
            }
        )
        member = self.segment.member_ids
        member.date_entered = fields.Datetime.subtract(member.date_entered, days=1)
        leads = self.env["crm.lead"].create(
            [
                {"name": "Lamps", "partner_id": partner.id}
                for partner in self.customer | self.other
            ]
        )
        self.env["crm.customer.event.type"]._capture("lead_created", leads)
        rule.action_award()
        self.assertEqual(self._get_card().points, 10)
        self.assertFalse(self._get_card(self.other))

    def test_without_such_programs_an_order_asks_nothing(self):
        self.program.crm_segment_ids = False
        order = self._create_order()
        order._get_program_domain()
        with self.assertQueryCount(0):
            order._get_closed_program_ids()

from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestCrmCustomerProfile(LoyaltyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_tiers()

    def _get_profile(self):
        self.env["crm.customer.profile"]._refresh(self.customer)
        return self.customer.crm_profile_id

    def test_points_and_tier_are_on_the_profile(self):
        self._create_order(quantity=6).action_confirm()
        self._book(self._get_card(), -100)
        self.assertRecordValues(
            self._get_profile(),
            [{"loyalty_points": 500, "points_earned_12m": 600}],
        )
        self.assertEqual(self._get_profile().loyalty_tier_id.name, "Silver")

    def test_points_of_contacts_count_for_their_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Clerk", "parent_id": self.customer.id}
        )
        self._create_order(quantity=6, partner=contact).action_confirm()
        self.assertEqual(self._get_profile().loyalty_points, 600)

    def test_a_customer_without_card_has_no_points(self):
        self.assertEqual(self._get_profile().loyalty_points, 0)
        self.assertFalse(self._get_profile().loyalty_tier_id)

    def test_the_360_view_shows_points_and_the_way_to_the_next_tier(self):
        self._create_order(quantity=6).action_confirm()
        view = self.env["crm.customer.profile"].get_customer_360(self._get_profile().id)
        [tile] = [tile for tile in view["tiles"] if tile["key"] == "loyalty"]
        self.assertEqual(tile["value"], "600 points")
        self.assertEqual(tile["detail"], "Silver, 400 points to Gold")
        labels = {event["label"] for event in view["timeline"]["events"]}
        self.assertLessEqual({"Points awarded", "Tier reached"}, labels)

    def test_points_are_granted_from_the_360_view(self):
        self._create_order(quantity=6).action_confirm()
        profile = self.env["crm.customer.profile"]
        view = profile.get_customer_360(self._get_profile().id)
        [grant] = [item for item in view["actions"] if item["key"] == "points"]
        wizard = self.env[grant["action"]["res_model"]].with_context(
            **grant["action"]["context"]
        )
        with Form(wizard) as form:
            form.granted_points = 50
            self.assertEqual(form.new_balance, 650)
            form.description = "Sorry"
        # Another order while the dialog was open.
        self._create_order(quantity=1).action_confirm()
        form.record.action_update_card_point()
        self.assertEqual(self._get_card().points, 750)
        form.record.granted_points = -5
        with self.assertRaisesRegex(ValidationError, "above zero"):
            form.record.action_update_card_point()

    def test_loyalty_is_told_to_those_who_may_read_cards(self):
        self._create_order(quantity=6).action_confirm()
        user = new_test_user(
            self.env, "no_loyalty", groups="crm_lifecycle.crm_lifecycle_group_user"
        )
        profile = self.env["crm.customer.profile"].with_user(user)
        view = profile.get_customer_360(self._get_profile().id)
        told = {item["key"] for name in ("tiles", "actions") for item in view[name]}
        self.assertFalse(told & {"loyalty", "points"})

    def test_members_are_a_segment(self):
        self._create_order().action_confirm()
        self._get_profile()
        segment = self.env.ref("crm_loyalty.crm_segment_members")
        segment._refresh_members()
        self.assertIn(self.customer, segment.member_ids.partner_id)

    def test_each_customer_gets_one_retention_call(self):
        salesman = new_test_user(
            self.env,
            "loyalty_caller",
            groups="crm_loyalty.crm_loyalty_group_user,"
            "sales_team.group_sale_salesman_all_leads,base.group_partner_manager",
        )
        self.customer.user_id = salesman
        self._create_order(quantity=6).action_confirm()
        profile = self._get_profile().with_user(salesman)
        for _click in range(2):
            profile.action_plan_retention()
        call = self.env["mail.activity"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", self.customer.id)]
        )
        self.assertEqual(call.user_id, salesman)
        self.assertIn("Silver", call.note)

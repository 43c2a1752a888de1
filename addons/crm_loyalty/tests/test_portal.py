from odoo.tests import HttpCase, new_test_user, tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestPortal(LoyaltyCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_tiers()
        cls.portal = new_test_user(cls.env, "ada_portal", groups="base.group_portal")
        cls.customer = cls.portal.partner_id

    def test_a_member_sees_points_tier_and_way_to_the_next(self):
        self._create_order(quantity=6).action_confirm()
        self.authenticate("ada_portal", "ada_portal")
        page = self.url_open("/my/membership").text
        self.assertIn("600 points", page)
        self.assertIn("Silver", page)
        self.assertIn("width: 60%", page)
        self.assertIn("400 points", page)

    def test_other_members_cards_are_not_shown(self):
        other = self.env["res.partner"].create({"name": "Charles Babbage"})
        self._create_order(partner=other).action_confirm()
        card = self._get_card(other)
        self.authenticate("ada_portal", "ada_portal")
        response = self.url_open("/my/membership")
        self.assertNotIn(card.code, response.text)
        self.assertTrue(response.url.endswith("/my"))

    def test_the_page_needs_a_login(self):
        response = self.url_open("/my/membership")
        self.assertIn("/web/login", response.url)

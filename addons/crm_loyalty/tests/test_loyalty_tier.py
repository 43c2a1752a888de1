from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestLoyaltyTier(LoyaltyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bronze, cls.silver, cls.gold = cls._create_tiers()

    def _award(self, card, points, days_ago=0):
        day = fields.Date.today() - timedelta(days=days_ago)
        self._book(card, points, qualifying_points=points, qualifying_date=day)

    def _check_all(self):
        with patch.object(
            self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kw: 1.0
        ):
            self.env["loyalty.card"]._cron_update_tiers()

    def _get_changes(self, card):
        changes = self.env["loyalty.tier.change"].search(
            [("card_id", "=", card.id)], order="id"
        )
        return [(c.from_tier_id.name, c.to_tier_id.name, c.direction) for c in changes]

    def test_an_order_reaches_a_tier_at_once(self):
        self._create_order(quantity=6).action_confirm()
        card = self._get_card()
        self.assertEqual(card.tier_id, self.silver)
        self.assertEqual(self._get_changes(card), [(False, "Silver", "reach")])
        self._create_order(quantity=5).action_confirm()
        self.assertEqual(card.tier_id, self.gold)
        codes = (
            self.env["crm.customer.event"]
            .search([("partner_id", "=", self.customer.id)])
            .type_id.mapped("code")
        )
        self.assertIn("tier_reached", codes)

    def test_points_spent_still_count_for_the_tier(self):
        card = self._create_card()
        self._award(card, 600)
        self._book(card, -600)
        card._update_tiers()
        self.assertEqual(card.tier_id, self.silver)

    def test_a_cancelled_order_takes_the_tier_back(self):
        order = self._create_order(quantity=6)
        order.action_confirm()
        order._action_cancel()
        card = self._get_card()
        self.assertEqual(card.tier_id, self.bronze)
        self.assertEqual(self._get_changes(card)[-1], ("Silver", "Bronze", "lose"))

    def test_only_points_within_the_window_count(self):
        card = self._create_card()
        self._award(card, 900, days_ago=400)
        self._award(card, 500, days_ago=300)
        card._update_tiers()
        self.assertEqual(card.tier_id, self.silver)

    def test_the_nightly_check_takes_a_tier_after_its_grace(self):
        self.silver.grace_days = 30
        card = self._create_card()
        self._award(card, 500, days_ago=400)
        card._update_tiers()
        self.env["loyalty.tier.change"]._record(
            [
                {
                    "id": card.id,
                    "from_tier_id": self.bronze.id,
                    "to_tier_id": self.silver.id,
                    "direction": "reach",
                    "qualifying_points": 500,
                }
            ]
        )
        self._check_all()
        self.assertEqual(card.tier_id, self.silver)
        today = fields.Date.today()
        self.assertEqual(card.tier_kept_until, today + timedelta(days=30))
        card.tier_kept_until = today - timedelta(days=1)
        card.tier_check_date = False
        self._check_all()
        self.assertEqual(card.tier_id, self.bronze)
        self.assertFalse(card.tier_kept_until)

    def test_a_member_is_checked_once_a_day(self):
        card = self._create_card()
        self._check_all()
        self.assertEqual(card.tier_check_date, fields.Date.today())
        self.assertEqual(card.tier_id, self.bronze)

    def test_a_new_threshold_has_all_members_checked_again(self):
        card = self._create_card()
        self._award(card, 100)
        self._check_all()
        self.assertEqual(card.tier_id, self.bronze)
        self.silver.threshold = 100
        self.assertFalse(card.tier_check_date)
        self._check_all()
        self.assertEqual(card.tier_id, self.silver)

    def test_members_of_an_archived_tier_move_on(self):
        card = self._create_card()
        self._award(card, 600)
        card._update_tiers()
        self.silver.active = False
        self._check_all()
        self.assertEqual(card.tier_id, self.bronze)

    def test_the_way_to_the_next_tier(self):
        card = self._create_card()
        self._award(card, 600)
        card._update_tiers()
        self.assertRecordValues(
            card,
            [
                {
                    "next_tier_id": self.gold.id,
                    "qualifying_points": 600,
                    "points_to_next_tier": 400,
                    "tier_progress": 60,
                }
            ],
        )

    def test_a_tier_gives_its_price_list_and_takes_it_along(self):
        pricelists = self.env["product.pricelist"].create(
            [{"name": "Silver prices"}, {"name": "Chosen by hand"}]
        )
        self.silver.pricelist_id = pricelists[0]
        order = self._create_order(quantity=6)
        order.action_confirm()
        self.assertEqual(
            self.customer.specific_property_product_pricelist, pricelists[0]
        )
        order._action_cancel()
        self.assertFalse(self.customer.specific_property_product_pricelist)

    def test_losing_a_tier_leaves_a_price_list_that_somebody_chose(self):
        pricelists = self.env["product.pricelist"].create(
            [{"name": "Silver prices"}, {"name": "Chosen by hand"}]
        )
        self.silver.pricelist_id = pricelists[0]
        order = self._create_order(quantity=6)
        order.action_confirm()
        self.customer.specific_property_product_pricelist = pricelists[1]
        order._action_cancel()
        self.assertEqual(
            self.customer.specific_property_product_pricelist, pricelists[1]
        )

    def test_changes_of_tier_stay_as_they_were(self):
        self._create_order(quantity=6).action_confirm()
        change = self.env["loyalty.tier.change"].search([], limit=1)
        with self.assertRaises(UserError):
            change.sudo().direction = "lose"
        with self.assertRaises(UserError):
            change.sudo().unlink()

    def test_many_members_take_few_statements(self):
        cards = self.env["loyalty.card"].create(
            [{"program_id": self.program.id} for _number in range(200)]
        )
        cards._update_tiers()
        self.ledger._book(
            [
                {
                    "card_id": card.id,
                    "kind": "award",
                    "points": 700,
                    "qualifying_points": 700,
                }
                for card in cards
            ]
        )
        with self.assertQueryCount(20):
            cards._update_tiers()
            self.env.flush_all()
        self.assertEqual(cards.tier_id, self.silver)

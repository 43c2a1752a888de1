from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestPartnerMerge(LoyaltyCase):
    """Merging two members leaves one card with the points and bookings of both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tiers = cls._create_tiers()
        cls.twin = cls.env["res.partner"].create({"name": "Ada L."})
        cls.card = cls._create_card()
        cls.other_card = cls._create_card(partner_id=cls.twin.id)

    def _merge(self):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | self.twin).ids, self.customer
        )

    def test_no_point_is_lost_and_the_ledger_stays_true(self):
        self._book(self.card, 300, -50, qualifying_points=0)
        self._book(self.other_card, 400, -100, qualifying_points=0)
        booked = self._get_entries(self.card) + self._get_entries(self.other_card)
        self._merge()
        card = self._get_card()
        self.assertEqual(len(card), 1)
        self.assertEqual(card.points, 550)
        self.assertLedgerIsBalance(card)
        self.assertCountEqual(self._get_entries(card), booked)

    def test_the_first_to_expire_goes_first_over_both_cards(self):
        today = fields.Date.context_today(self.card)
        self._book(self.card, 100, expiry_date=today + timedelta(days=60))
        self._book(self.other_card, 100, expiry_date=today + timedelta(days=5))
        self._merge()
        card = self._get_card()
        self._book(card, -60)
        spend = self.ledger.search([("kind", "=", "spend")])
        self.assertEqual(spend.award_id.expiry_date, today + timedelta(days=5))

    def test_what_both_earned_counts_for_the_tier(self):
        self._book(self.card, 300, qualifying_points=300)
        self._book(self.other_card, 300, qualifying_points=300)
        (self.card | self.other_card)._update_tiers()
        self.assertEqual(self.card.tier_id.name, "Bronze")
        self._merge()
        self.assertEqual(self._get_card().tier_id.name, "Silver")

    def test_gift_cards_stay_apart(self):
        gifts = self._create_program(program_type="gift_card", applies_on="future")
        for partner in (self.customer, self.twin):
            self._create_card(points=10, program_id=gifts.id, partner_id=partner.id)
        self._merge()
        cards = self.env["loyalty.card"].search([("program_id", "=", gifts.id)])
        self.assertEqual(cards.partner_id, self.customer)
        self.assertEqual(cards.mapped("points"), [10, 10])

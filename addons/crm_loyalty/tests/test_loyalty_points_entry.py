from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestLoyaltyPointsEntry(LoyaltyCase):
    def test_entries_stay_as_they_were_booked(self):
        entry = self._book(self._create_card(), 50)
        with self.assertRaisesRegex(UserError, "can't be changed"):
            entry.points = 60
        with self.assertRaisesRegex(UserError, "can't be changed"):
            entry.sudo().write({"description": "Better"})
        with self.assertRaisesRegex(UserError, "can't be deleted"):
            entry.sudo().unlink()

    def test_the_balance_follows_the_ledger(self):
        card = self._create_card()
        self._book(card, 50, -20, 7.5)
        self.assertEqual(card.points, 37.5)
        self.assertLedgerIsBalance(card)

    def test_booking_twice_is_harmless(self):
        card = self._create_card()
        for _attempt in range(2):
            self._book(card, 50, key="survey:1")
        self.assertEqual(self._get_entries(card), [("award", 50)])
        self.assertEqual(card.points, 50)

    def test_a_fact_told_twice_at_once_is_booked_once(self):
        card = self._create_card()
        fact = {"card_id": card.id, "kind": "award", "points": 5, "key": "twice"}
        self.ledger._book([fact, dict(fact)])
        self.assertEqual(card.points, 5)

    def test_the_oldest_expiry_is_spent_first(self):
        card = self._create_card()
        today = fields.Date.today()
        late = self._book(card, 60, expiry_date=today + timedelta(days=300))
        never = self._book(card, 60)
        soon = self._book(card, 60, expiry_date=today + timedelta(days=30))
        spends = self._book(card, -130)
        self.assertRecordValues(
            spends,
            [
                {"award_id": soon.id, "points": -60},
                {"award_id": late.id, "points": -60},
                {"award_id": never.id, "points": -10},
            ],
        )

    def test_what_is_taken_beyond_all_awards_is_paid_by_the_next(self):
        card = self._create_card()
        self._book(card, 30)
        debt = self._book(card, -50)[-1]
        self.assertFalse(debt.award_id)
        self.assertEqual(card.points, -20)
        self._book(card, 100)
        [award] = self.ledger._get_open_awards(card.ids)[card.id]
        self.assertEqual(award.points, 80)

    def test_two_debits_booked_at_once_do_not_draw_on_the_same_points(self):
        card = self._create_card()
        self._book(card, 100)
        spend = {"card_id": card.id, "kind": "spend", "points": -60}
        entries = self.ledger._book([spend, dict(spend)])
        self.assertEqual(entries.mapped("points"), [-60, -40, -20])
        self.assertFalse(entries[-1].award_id)

    def test_points_expire_after_their_last_day(self):
        self.program.points_validity_months = 12
        card = self._create_card()
        today = fields.Date.today()
        self._book(card, 40, expiry_date=today - timedelta(days=1))
        self._book(card, 60, expiry_date=today)
        self._book(card, -15)
        self._expire()
        self.assertEqual(card.points, 60)
        self.assertEqual(self._get_entries(card)[-1], ("expiry", -25))
        self._expire()
        self.assertEqual(card.points, 60)
        self.assertLedgerIsBalance(card)

    def test_points_that_paid_a_debt_do_not_expire_as_well(self):
        card = self._create_card()
        self._book(card, -30)
        self._book(card, 50, expiry_date=fields.Date.today() - timedelta(days=1))
        self._expire()
        self.assertEqual(card.points, 0)
        self._book(card, 10)
        self._expire()
        self.assertEqual(card.points, 10)

    def test_bookings_are_customer_events(self):
        card = self._create_card()
        self._book(card, 50, -20)
        events = self.env["crm.customer.event"].search(
            [("partner_id", "=", self.customer.id), ("category", "=", "loyalty")]
        )
        self.assertEqual(
            set(events.type_id.mapped("code")), {"points_awarded", "points_spent"}
        )

    def test_many_bookings_take_few_statements(self):
        cards = self.env["loyalty.card"].create(
            [{"program_id": self.program.id} for _number in range(300)]
        )
        facts = [{"card_id": card.id, "kind": "award", "points": 10} for card in cards]
        self.ledger._book(facts)
        with self.assertQueryCount(20):
            self.ledger._book(facts)
            self.env.flush_all()
        self.assertEqual(set(cards.mapped("points")), {20})

    def test_no_message_on_the_card_for_a_booking(self):
        card = self._create_card().with_context(tracking_disable=False)
        before = card.message_ids
        self._book(card, 50)
        card.points = 70
        self.env.flush_all()
        self.assertEqual(card.message_ids, before)

    def _expire(self):
        with patch.object(
            self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kw: 1.0
        ):
            self.ledger._cron_expire()

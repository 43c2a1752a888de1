from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestSaleOrder(LoyaltyCase):
    def test_a_confirmed_order_is_awarded(self):
        order = self._create_order(quantity=3)
        order.action_confirm()
        card = self._get_card()
        self.assertEqual(card.points, 300)
        self.assertRecordValues(
            self.ledger.search([("card_id", "=", card.id)]),
            [
                {
                    "kind": "award",
                    "points": 300,
                    "qualifying_points": 300,
                    "order_id": order.id,
                    "partner_id": self.customer.id,
                    "company_id": order.company_id.id,
                }
            ],
        )

    def test_awards_of_a_program_with_validity_expire(self):
        self.program.points_validity_months = 12
        self._create_order().action_confirm()
        award = self.ledger.search([("card_id", "=", self._get_card().id)])
        self.assertEqual(
            award.expiry_date, self.program._get_points_expiry(award.date.date())
        )

    def test_a_claimed_reward_is_spent(self):
        card = self._create_card(points=150)
        order = self._create_order()
        self._claim_reward(order)
        order.action_confirm()
        self.assertEqual(
            self._get_entries(card),
            [("adjustment", 150), ("award", 100), ("spend", -100)],
        )
        self.assertEqual(card.points, 150)

    def test_two_orders_cannot_spend_the_same_points(self):
        card = self._create_card(points=100)
        self.product.list_price = 10
        orders = self._create_order() | self._create_order()
        for order in orders:
            self._claim_reward(order)
        with self.assertRaisesRegex(ValidationError, "has only 10 points"):
            orders.action_confirm()
        self.assertEqual(orders.mapped("state"), ["draft", "draft"])
        self.assertEqual(card.points, 100)
        orders[0].action_confirm()
        with self.assertRaises(ValidationError):
            orders[1].action_confirm()
        self.assertEqual(card.points, 10)
        self.assertLedgerIsBalance(card)

    def test_orders_confirmed_together_may_spend_what_there_is(self):
        card = self._create_card(points=200)
        orders = self._create_order() | self._create_order()
        for order in orders:
            self._claim_reward(order)
        orders.action_confirm()
        self.assertEqual(card.points, 200)
        self.assertLedgerIsBalance(card)

    def test_a_cancelled_order_is_reversed_by_new_entries(self):
        card = self._create_card(points=150)
        order = self._create_order()
        self._claim_reward(order)
        order.action_confirm()
        booked = self.ledger.search([("card_id", "=", card.id)])
        order._action_cancel()
        self.assertEqual(card.points, 150)
        self.assertEqual(
            self._get_entries(card)[3:], [("reversal", 100), ("reversal", -100)]
        )
        reversals = self.ledger.search([("card_id", "=", card.id)]) - booked
        self.assertEqual(
            reversals.reversed_id, booked.filtered(lambda entry: entry.order_id)
        )
        self.assertEqual(sum(reversals.mapped("qualifying_points")), -100)

    def test_an_order_can_be_confirmed_again_after_a_cancellation(self):
        order = self._create_order()
        for _round in range(2):
            order.action_confirm()
            self.assertEqual(self._get_card().points, 100)
            order._action_cancel()
            self.assertEqual(self._get_card().points, 0)
            order.action_draft()
            order._update_programs_and_rewards()
        order.action_confirm()
        self.assertEqual(self._get_card().points, 100)
        self.assertLedgerIsBalance(self._get_card())

    def test_a_reward_claimed_on_a_confirmed_order(self):
        card = self._create_card(points=150)
        order = self._create_order()
        order.action_confirm()
        order.write({"locked": False})
        self._claim_reward(order)
        self.assertEqual(self._get_entries(card)[-1], ("spend", -100))
        self.assertEqual(self.ledger.search([], limit=1).order_id, order)
        order._action_cancel()
        self.assertEqual(card.points, 150)
        self.assertLedgerIsBalance(card)

    def test_a_reward_removed_from_a_confirmed_order(self):
        card = self._create_card(points=150)
        order = self._create_order()
        self._claim_reward(order)
        order.action_confirm()
        lines = self.env.registry["sale.order.line"]
        # Stock forbids it, but prepares for addons that don't.
        with patch.object(lines, "_check_line_unlink", lambda lines: lines.browse()):
            order.order_line.filtered("reward_id").unlink()
        self.assertEqual(self._get_entries(card)[-1], ("reversal", 100))
        order._action_cancel()
        self.assertEqual(card.points, 150)
        self.assertLedgerIsBalance(card)

    def test_an_order_from_before_the_ledger_can_be_cancelled(self):
        order = self._create_order()
        order.action_confirm()
        card = self._get_card()
        order.points_booked = False
        order._action_cancel()
        self.assertEqual(card.points, 0)
        self.assertLedgerIsBalance(card)

    def test_a_card_in_debt_does_not_stop_an_order(self):
        card = self._create_card()
        self._book(card, -500)
        self._create_order().action_confirm()
        self.assertEqual(card.points, -400)

    def test_points_of_a_promotion_leave_no_entries(self):
        promotion = self.env["loyalty.program"].create(
            {
                "name": "Ten off",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create({"minimum_amount": 50})],
                "reward_ids": [Command.create({"discount": 10, "required_points": 1})],
            }
        )
        order = self._create_order()
        order._apply_program_reward(
            promotion.reward_ids,
            order.coupon_point_ids.coupon_id.filtered(
                lambda card: card.program_id == promotion
            ),
        )
        order.action_confirm()
        self.assertTrue(order.order_line.filtered("reward_id"))
        self.assertFalse(self.ledger.search([("program_id", "=", promotion.id)]))
        self.assertLedgerIsBalance(promotion.coupon_ids)

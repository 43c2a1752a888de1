from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestReturns(LoyaltyCase):
    """Credit notes take back the points of what came back."""

    def _confirm(self, **values):
        order = self._create_order(**values)
        order.action_confirm()
        order._create_invoices().action_post()
        return order

    def _credit(self, order, quantity, product=None):
        """Post a credit note for so many units of a product of the order."""
        product = product or self.product
        note = order.invoice_ids.filtered(
            lambda move: move.move_type == "out_invoice"
        )._reverse_moves([{"invoice_date": fields.Date.today()}])
        note.write(
            {
                "invoice_line_ids": [
                    Command.update(line.id, {"quantity": quantity})
                    if line.product_id == product
                    else Command.delete(line.id)
                    for line in note.invoice_line_ids
                ]
            }
        )
        note.action_post()
        return note

    def test_one_of_three_units_takes_back_a_third(self):
        order = self._confirm(quantity=3)
        card = self._get_card()
        note = self._credit(order, 1)
        self.assertEqual(card.points, 200)
        entry = self.ledger.search([("card_id", "=", card.id)], limit=1)
        self.assertRecordValues(
            entry,
            [
                {
                    "kind": "reversal",
                    "points": -100,
                    "qualifying_points": -100,
                    "credit_note_id": note.id,
                    "order_id": order.id,
                }
            ],
        )

    def test_all_units_take_back_all_points_whatever_the_steps(self):
        self.program.rule_ids.reward_point_amount = 0.333
        order = self._confirm(quantity=3)
        for _unit in range(3):
            self._credit(order, 1)
        self.assertEqual(self._get_card().points, 0)

    def test_a_rule_on_some_products_takes_back_for_those_only(self):
        bulb = self._create_product("Bulb", 10)
        self.program.rule_ids.write(
            {"reward_point_mode": "unit", "product_ids": [Command.set(bulb.ids)]}
        )
        order = self._confirm(quantity=4, products=self.product | bulb)
        card = self._get_card()
        self.assertEqual(card.points, 4)
        self._credit(order, 3)
        self.assertEqual(card.points, 4)
        self._credit(order, 1, bulb)
        self.assertEqual(card.points, 3)

    def test_points_for_the_order_as_such_stay_until_all_is_back(self):
        self.program.rule_ids.write(
            {"reward_point_mode": "order", "reward_point_amount": 50}
        )
        order = self._confirm(quantity=2)
        self._credit(order, 1)
        self.assertEqual(self._get_card().points, 50)
        self._credit(order, 1)
        self.assertEqual(self._get_card().points, 0)

    def test_a_credit_note_that_is_withdrawn_gives_the_points_back(self):
        order = self._confirm(quantity=3)
        card = self._get_card()
        note = self._credit(order, 1)
        note.button_draft()
        self.assertEqual(card.points, 300)
        note.action_post()
        self.assertEqual(card.points, 200)
        self.assertLedgerIsBalance(card)

    def test_an_order_cancelled_after_a_return_gives_no_point_twice(self):
        order = self._confirm(quantity=3)
        self._credit(order, 1)
        order._action_cancel()
        self.assertEqual(self._get_card().points, 0)
        self._credit(order, 1)
        self.assertEqual(self._get_card().points, 0)

    def test_points_spent_before_the_return_become_a_debt(self):
        order = self._confirm(quantity=3)
        card = self._get_card()
        self._book(card, -250)
        self._credit(order, 3)
        self.assertEqual(card.points, -250)
        self.assertLedgerIsBalance(card)

    def test_an_order_from_before_the_ledger_is_left_alone(self):
        order = self._confirm(quantity=3)
        order.points_booked = False
        self._credit(order, 3)
        self.assertEqual(self._get_card().points, 300)

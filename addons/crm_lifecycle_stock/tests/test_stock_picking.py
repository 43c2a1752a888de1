from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestStockPicking(LifecycleCase):
    """What is delivered, late or returned stands on the customer's timeline."""

    def _order_goods(self):
        self.product.is_storable = False
        order = self._create_order()
        return order.picking_ids

    def _deliver(self, picking):
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.button_validate()

    def _get_codes(self):
        events = self.event.search(
            [("partner_id", "=", self.customer.id), ("category", "=", "delivery")],
            order="id",
        )
        return [event.type_id.code for event in events]

    def test_delivery_and_return(self):
        picking = self._order_goods()
        self.assertEqual(self._get_codes(), [])
        self._deliver(picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual(self._get_codes(), ["delivery_done"])
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = 1
        returned = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        self._deliver(returned)
        self.assertEqual(self._get_codes(), ["delivery_done", "delivery_returned"])

    def test_a_delivery_becomes_late_without_being_written(self):
        picking = self._order_goods()
        picking.move_ids.date_deadline = fields.Datetime.now() - timedelta(days=2)
        late = self.event_type.search([("code", "=", "delivery_late")])
        late.sweep_date = fields.Datetime.now() - timedelta(days=1)
        self.env.flush_all()
        for _sweep in range(2):
            late._sweep_once()
        self.assertEqual(self._get_codes(), ["delivery_late"])

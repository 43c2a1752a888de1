from datetime import datetime, time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_analytics.tests import shared_data
from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestNorthwind(LifecycleCase):
    """The orders of the Northwind sample database: 809 of 830 were shipped, 37 late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = shared_data.read("northwind_orders")
        cls.product.is_storable = False
        line = {"product_id": cls.product.id, "product_uom_qty": 1}
        cls.orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.customer.id,
                    "commitment_date": _at_noon(row["required_date"]),
                    "order_line": [Command.create(line)],
                }
                for row in cls.rows
            ]
        )
        cls.orders.action_confirm()
        cls._ship()

    @classmethod
    def _ship(cls):
        """Ship what was shipped, all at once, then set the days."""
        shipped = [
            (order.picking_ids, row["shipped_date"])
            for order, row in zip(cls.orders, cls.rows, strict=True)
            if row["shipped_date"]
        ]
        pickings = cls.env["stock.picking"].union(*(each for each, _day in shipped))
        pickings.move_ids.quantity = 1
        pickings.move_ids.picked = True
        pickings._action_done()
        for picking, day in shipped:
            picking.move_ids.date = _at_noon(day)

    def test_37_of_809_were_shipped_late(self):
        self.env.flush_all()
        report = self.env["crm.perfect.order.report"]
        rows = report.search([("order_id", "in", self.orders.ids)])
        self.assertEqual(len(rows), 830)
        shipped = rows.filtered("delivery_date")
        self.assertEqual(len(shipped), 809)
        late = shipped.filtered(lambda row: not row.on_time)
        self.assertEqual(len(late), 37)
        self.assertFalse(shipped.filtered(lambda row: not row.in_full))
        self.assertEqual(sum(shipped.mapped("is_perfect")), 809 - 37)
        # What should have come long ago and never did is no better than late.
        self.assertFalse(sum((rows - shipped).mapped("on_time")))


def _at_noon(day):
    return datetime.combine(datetime.fromisoformat(day).date(), time(12))

from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.crm_loyalty.tests.churn_case import ChurnCase


@tagged("post_install", "-at_install")
class TestCrmChurnWarningSignal(ChurnCase):
    """Deliveries that were late through us are a reason."""

    def _deliver(self, days_ago, days_late):
        """Make a delivery that was promised for a day and came some days later."""
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": warehouse.out_type_id.id,
                "location_id": warehouse.lot_stock_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
            }
        )
        promised = self.env.cr.now() - timedelta(days=days_ago)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_picking SET state = 'done', date_deadline = %s,"
            " date_done = %s WHERE id = %s",
            [promised, promised + timedelta(days=days_late), picking.id],
        )
        return picking

    def test_late_deliveries_of_the_last_six(self):
        self._order(5)
        for days_ago, days_late in (
            (80, 3),
            (60, 0),
            (50, 2),
            (40, 0),
            (30, 0),
            (20, 0),
        ):
            self._deliver(days_ago, days_late)
        self.assertFalse(self._fire("late_delivery", 3), "two of six are late")
        self._deliver(10, 1)
        self.assertFalse(self._fire("late_delivery", 3), "the first of seven is out")
        self._deliver(9, 1)
        self.assertEqual(
            self._fire("late_delivery", 3),
            "3 of the last 6 deliveries were late through us",
        )

    def test_what_is_overdue_now_is_late(self):
        self._order(5)
        pickings = [self._deliver(days_ago, 0) for days_ago in (30, 20, 10)]
        self.assertFalse(self._fire("late_delivery", 1))
        self.env.cr.execute(
            "UPDATE stock_picking SET state = 'assigned', date_done = NULL"
            " WHERE id = %s",
            [pickings[-1].id],
        )
        self.assertEqual(
            self._fire("late_delivery", 1),
            "1 of the last 3 deliveries were late through us",
        )

    def test_deliveries_that_nobody_records_are_not_late(self):
        self._order(5)
        pickings = [self._deliver(days_ago, 0) for days_ago in (30, 20, 10)]
        old = self._deliver(300, 0)
        self.env.cr.execute(
            "UPDATE stock_picking SET state = 'assigned', date_done = NULL"
            " WHERE id IN %s",
            [tuple(picking.id for picking in pickings)],
        )
        self.env.cr.execute(
            "UPDATE stock_picking SET date_done = %s"
            " WHERE state = 'done' AND picking_type_id = %s AND date_done > %s",
            [
                self.env.cr.now() - timedelta(days=200),
                old.picking_type_id.id,
                self.env.cr.now() - timedelta(days=200),
            ],
        )
        self.assertFalse(self._fire("late_delivery", 1))

    def test_warnings_have_the_signal(self):
        self.assertIn("late_delivery", self.warning.signal_ids.mapped("kind"))

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import format_date

from odoo.addons.crm_lifecycle.tests.journey_case import JourneyCase


@tagged("post_install", "-at_install")
class TestLateDelivery(JourneyCase):
    """Who waits longer than promised is told once, before he has to ask."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.is_storable = False
        template = cls.env.ref("crm_lifecycle_stock.crm_journey_template_late")
        cls.journey = template._make_journey()
        cls.journey.action_start()
        cls.late = cls.env.ref(
            "crm_lifecycle_stock.crm_customer_event_type_delivery_late"
        )

    def _split(self, order):
        """Deliver a part: the rest is a delivery of its own; open another one too."""
        order.order_line = [
            Command.create({"product_id": self.product.id, "product_uom_qty": 1})
        ]
        moves = order.picking_ids.move_ids
        other = order.picking_ids.copy({"move_ids": False})
        moves[-1].picking_id = other
        return order.picking_ids

    def _let_pass(self, orders, planned=None):
        """Two days after the promise nothing has been delivered."""
        for picking in orders.picking_ids:
            picking.move_ids.date_deadline = fields.Datetime.now() - timedelta(days=2)
            picking.scheduled_date = planned or fields.Datetime.now() - timedelta(
                days=2
            )
        self.late.sweep_date = fields.Datetime.now() - timedelta(days=3)
        self.env.flush_all()
        self.late._sweep_once()
        self._advance()

    def _get_mails(self):
        return self.env["mail.mail"].search([("subject", "ilike", "than promised")])

    def test_two_late_deliveries_of_an_order_give_one_notice(self):
        order = self._create_order()
        pickings = self._split(order)
        self.assertEqual(len(pickings), 2)
        self._let_pass(order)
        events = self.event.search([("type_id", "=", self.late.id)])
        self.assertEqual(set(events.mapped("res_id")), set(pickings.ids))
        self.assertEqual(self._get_runs(self.journey).res_id, order.id)
        mail = self._get_mails()
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn(order.name, mail.body_html)
        self.assertIn("do not know the new date", mail.body_html)

    def test_two_late_orders_give_two_notices(self):
        orders = self._create_order() | self._create_order()
        self._let_pass(orders)
        mails = self._get_mails()
        self.assertEqual(len(mails), 2)
        for order in orders:
            self.assertEqual(sum(order.name in mail.body_html for mail in mails), 1)

    def test_the_new_date_is_named(self):
        order = self._create_order()
        planned = fields.Datetime.now() + timedelta(days=5)
        self._let_pass(order, planned)
        day = format_date(self.env, planned.date(), lang_code=self.customer.lang)
        self.assertIn(f"expect it on {day}", self._get_mails().body_html)

    def test_who_wants_no_advertising_is_told_as_well(self):
        self.env["crm.consent"]._record(
            self.customer, "marketing", "email", False, "Test", "Offers"
        )
        self._let_pass(self._create_order())
        self.assertEqual(len(self._get_mails()), 1)

    def test_what_was_delivered_in_time_tells_nothing(self):
        order = self._create_order()
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.button_validate()
        self._let_pass(order)
        self.assertFalse(self._get_mails())

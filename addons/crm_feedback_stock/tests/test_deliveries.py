from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.crm_feedback.tests.feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestDeliveries(FeedbackCase):
    """Cases about what was delivered, and goods that come back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.write({"is_storable": True, "tracking": "lot"})
        cls.lot = cls.env["stock.lot"].create(
            {"name": "L-7", "product_id": cls.product.id}
        )
        warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.env["stock.quant"]._update_available_quantity(
            cls.product, warehouse.lot_stock_id, 20, lot_id=cls.lot
        )
        cls.order = cls._create_order(confirm=False)
        cls.order.order_line.product_uom_qty = 3
        cls.order.action_confirm()
        cls.picking = cls.order.picking_ids

    def _deliver(self):
        self.picking.action_assign()
        self.picking.move_ids.picked = True
        self.picking.button_validate()
        self.assertEqual(self.picking.state, "done")

    def _open_case(self):
        action = self.picking.action_open_case()
        form = Form(self.case.with_context(**action["context"]))
        form.name = "Broken"
        case = form.save()
        case.team_id = self.team
        return case

    def _request(self, case, kind, **values):
        compensation = (
            self.env["crm.case.compensation"]
            .with_user(self.agent)
            .create({"case_id": case.id, "kind": kind, "reason": "Torn", **values})
        )
        compensation.action_request()
        return compensation

    def test_a_case_from_a_delivery_knows_order_product_and_lot(self):
        self._deliver()
        case = self._open_case()
        self.assertRecordValues(
            case,
            [
                {
                    "partner_id": self.customer.id,
                    "sale_order_id": self.order.id,
                    "picking_id": self.picking.id,
                    "product_id": self.product.id,
                    "lot_id": self.lot.id,
                    "value_at_stake": 300,
                }
            ],
        )
        self.assertEqual(self.picking.case_count, 1)

    def test_the_same_lot_is_recognised(self):
        self._deliver()
        first, second = self._open_case(), self._open_case()
        self.assertEqual(second.link_ids.other_case_id, first)
        self.assertEqual(second.link_ids.note, "same delivery")

    def test_a_return_is_made_and_linked_both_ways(self):
        self._deliver()
        case = self._open_case()
        case.line_ids.quantity = 2
        compensation = self._request(case, "return")
        returned = compensation.return_picking_id
        self.assertEqual(returned.move_ids.product_uom_qty, 2)
        self.assertEqual(returned.picking_type_code, "incoming")
        self.assertIn(case.number, returned.origin)
        self.assertEqual(returned.case_count, 1)
        cases = self.case.search(returned.action_open_cases()["domain"])
        self.assertEqual(cases, case)

    def test_a_replacement_with_return_sends_and_takes_back(self):
        self._deliver()
        compensation = self._request(self._open_case(), "replacement", with_return=True)
        order = self.env["sale.order"].browse(compensation.res_id)
        self.assertEqual(order.picking_ids.picking_type_code, "outgoing")
        self.assertTrue(compensation.return_picking_id)
        self.assertEqual(order.case_count, 1)

    def test_what_was_not_delivered_does_not_come_back(self):
        case = self._create_complaint(
            sale_order_id=self.order.id,
            line_ids=[Command.create({"product_id": self.product.id})],
        )
        with self.assertRaisesRegex(UserError, "not delivered"):
            self._request(case, "return")

    def test_a_return_without_reason_is_refused(self):
        self._deliver()
        with self.assertRaisesRegex(UserError, "why the goods"):
            self._request(self._open_case(), "return", reason="  ")

    def test_no_more_comes_back_than_went_out(self):
        self._deliver()
        case = self._open_case()
        case.line_ids.quantity = 9
        with self.assertRaisesRegex(UserError, "No more than 3"):
            self._request(case, "return")

    def test_the_warranty_runs_from_the_delivery(self):
        self.product.warranty_months = 24
        self._deliver()
        case = self._open_case()
        delivered = fields.Datetime.now() - relativedelta(months=30)
        self.order.date_order = delivered - relativedelta(months=12)
        self.picking.move_ids.date = delivered
        for months, state in ((23, "in"), (25, "out")):
            case.date_received = delivered + relativedelta(months=months)
            with self.subTest(months=months):
                self.assertEqual(case.warranty_state, state)

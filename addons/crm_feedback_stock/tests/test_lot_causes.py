from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.crm_feedback.tests.feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestLotCauses(FeedbackCase):
    """Complaints about a lot point to the lot, and to who delivered it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.write({"is_storable": True, "tracking": "lot"})
        cls.listed = cls.env["res.partner"].create({"name": "Listed first"})
        cls.supplier = cls.env["res.partner"].create({"name": "Supplier S"})
        cls.product.seller_ids = [Command.create({"partner_id": cls.listed.id})]
        cls.lot = cls.env["stock.lot"].create(
            {"name": "LOT-L", "product_id": cls.product.id}
        )
        cls._receive()

    @classmethod
    def _receive(cls):
        warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        source = cls.env.ref("stock.stock_location_suppliers")
        receipt = cls.env["stock.picking"].create(
            {
                "partner_id": cls.supplier.id,
                "picking_type_id": warehouse.in_type_id.id,
                "location_id": source.id,
                "location_dest_id": warehouse.lot_stock_id.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_uom_qty": 50,
                            "location_id": source.id,
                            "location_dest_id": warehouse.lot_stock_id.id,
                        }
                    )
                ],
            }
        )
        receipt.action_confirm()
        receipt.move_ids.move_line_ids.write({"lot_id": cls.lot.id, "quantity": 50})
        receipt.move_ids.picked = True
        receipt.button_validate()

    def _complain(self, count, **values):
        return self.case.create(
            [
                {
                    "name": "Broken",
                    "case_type": "complaint",
                    "partner_id": self.customer.id,
                    "team_id": self.team.id,
                    "product_id": self.product.id,
                    "date_received": fields.Datetime.now() - timedelta(days=2),
                    **values,
                }
                for _number in range(count)
            ]
        )

    def test_forty_complaints_of_a_lot_name_its_supplier_and_warn(self):
        self.case.search([]).active = False
        cases = self._complain(40, lot_id=self.lot.id)
        self._complain(5)
        self.assertEqual(cases.supplier_id, self.supplier)
        rows = self.env["crm.pareto.report"].search(
            [
                ("dimension", "in", ("supplier_id", "lot_id")),
                ("days", "=", "30"),
                ("company_id", "=", self.env.company.id),
                ("rank", "=", 1),
            ]
        )
        self.assertEqual(
            {(row.dimension, row.name, row.complaints) for row in rows},
            {("supplier_id", "Supplier S", 40), ("lot_id", "LOT-L", 40)},
        )
        warnings = self.env["crm.early.warning"]._watch(self.env.company)
        self.assertIn("lot_id", warnings.mapped("dimension"))

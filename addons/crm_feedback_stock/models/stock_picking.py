from odoo import Command, models
from odoo.fields import Domain


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "crm.case.document.mixin"]

    _case_field = "picking_id"

    def _prepare_opening_values(self):
        values = super()._prepare_opening_values()
        return values | {
            "partner_id": self.sale_id.partner_id.id or values["partner_id"],
            "sale_order_id": self.sale_id.id,
            "case_type": "complaint",
            "line_ids": self._prepare_case_line_commands(),
        }

    def _count_compensated_cases(self):
        """Count the goods that come back as well: their document is another one."""
        counts = super()._count_compensated_cases()
        rows = self.env["crm.case.compensation"]._read_group(
            [("return_picking_id", "in", self.ids), ("kind", "!=", "return")],
            ["return_picking_id"],
            ["case_id:count_distinct"],
        )
        for picking, count in rows:
            counts[picking.id] = counts.get(picking.id, 0) + count
        return counts

    def action_open_cases(self):
        action = super().action_open_cases()
        returned = [("compensation_ids.return_picking_id", "=", self.id)]
        action["domain"] = list(Domain(action["domain"]) | Domain(returned))
        return action

    def _prepare_case_line_commands(self):
        return [
            Command.create(
                {
                    "product_id": line.product_id.id,
                    "sale_line_id": line.move_id.sale_line_id.id,
                    "move_id": line.move_id.id,
                    "lot_id": line.lot_id.id,
                    "quantity": line.quantity_product_uom,
                }
            )
            for line in self.move_line_ids
            if line.quantity_product_uom > 0
        ]

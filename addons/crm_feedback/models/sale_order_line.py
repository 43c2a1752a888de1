from odoo import Command, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def action_open_case(self):
        """Open a case about this line."""
        self.ensure_one()
        order = self.order_id
        return self.env["crm.case"]._get_opening_action(
            order._prepare_opening_values() | order._prepare_line_values(self)
        )

    def _prepare_case_line_commands(self):
        """Return commands that make the products of a case from these lines."""
        return [
            Command.create(
                {
                    "product_id": line.product_id.id,
                    "sale_line_id": line.id,
                    "quantity": line.product_uom_qty,
                }
            )
            for line in self
            if line.product_id and line.product_uom_qty > 0
        ]

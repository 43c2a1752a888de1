from odoo import models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "crm.case.document.mixin"]

    _case_field = "sale_order_id"

    def _prepare_opening_values(self):
        return super()._prepare_opening_values() | self._prepare_line_values(
            self.order_line
        )

    def _prepare_line_values(self, lines):
        """Return the values of a case about some of the order's lines."""
        return {
            "case_type": "complaint",
            "line_ids": lines._prepare_case_line_commands(),
        }

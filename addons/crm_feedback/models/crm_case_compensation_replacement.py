from odoo import Command, models


class CrmCaseCompensationReplacement(models.Model):
    """A replacement: a confirmed order of the same products at no charge."""

    _inherit = "crm.case.compensation"

    def _make_replacement(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "origin": self.case_id.number,
                "client_order_ref": self.case_id.sale_order_id.client_order_ref,
                "order_line": [
                    Command.create(self._prepare_replacement_line(line))
                    for line in self.line_ids
                ],
            }
        )
        order.action_confirm()
        return order

    def _prepare_replacement_line(self, line):
        return {
            "product_id": line.product_id.id,
            "product_uom_qty": line.quantity,
            "price_unit": 0,
        }

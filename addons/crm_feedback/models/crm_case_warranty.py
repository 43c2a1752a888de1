from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class CrmCaseWarranty(models.Model):
    """Whether the product was under warranty when the case came in."""

    _inherit = "crm.case"

    warranty_until = fields.Date(
        compute="_compute_warranty", help="Last day of the product's warranty."
    )
    warranty_state = fields.Selection(
        [("in", "Under warranty"), ("out", "Expired"), ("unknown", "Sale not known")],
        "Warranty",
        compute="_compute_warranty",
    )

    @api.depends(
        "product_id",
        "product_id.warranty_months",
        "sale_order_id",
        "line_ids.sale_line_id",
        "date_received",
    )
    def _compute_warranty(self):
        for case in self:
            case.warranty_until = case.sudo()._get_warranty_end()
            if case.warranty_until:
                received = fields.Date.to_date(case.date_received)
                covered = received <= case.warranty_until
                case.warranty_state = "in" if covered else "out"
            else:
                term = case.sudo().product_id.warranty_months
                case.warranty_state = "unknown" if term else False

    def _get_warranty_end(self):
        """Return the last day of warranty of the product, or False."""
        self.ensure_one()
        months = self.product_id.warranty_months
        start = months and self._get_warranty_start()
        return start and start + relativedelta(months=months)

    def _get_warranty_start(self):
        """Hook: return the day from which the warranty runs, or False."""
        self.ensure_one()
        lines = self.line_ids.sale_line_id.filtered(
            lambda line: line.product_id == self.product_id
        )
        order = lines[:1].order_id or self.sale_order_id
        if order.state != "sale":
            return False
        return fields.Date.to_date(order.date_order)

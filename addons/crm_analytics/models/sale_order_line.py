from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    is_recommended = fields.Boolean(
        "Recommended",
        readonly=True,
        copy=False,
        help="Taken over from the recommended products.",
    )

from odoo import api, fields, models


class CrmCaseLine(models.Model):
    """A product that a case is about, as it was ordered or invoiced."""

    _name = "crm.case.line"
    _description = "Product of a Case"
    _order = "case_id, id"
    _rec_name = "product_id"
    _check_company_auto = True

    case_id = fields.Many2one(
        "crm.case", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="case_id.currency_id")
    product_id = fields.Many2one(
        "product.product", required=True, index=True, check_company=True
    )
    sale_line_id = fields.Many2one(
        "sale.order.line", "Order Line", index="btree_not_null", check_company=True
    )
    invoice_line_id = fields.Many2one(
        "account.move.line", index="btree_not_null", check_company=True
    )
    quantity = fields.Float(digits="Product Unit", default=1, required=True)
    amount = fields.Monetary(
        "Value",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="What the customer paid for this quantity, taxes included.",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "Enter how many pieces the case is about."
    )

    @api.depends("product_id", "sale_line_id", "invoice_line_id", "quantity")
    def _compute_amount(self):
        for line in self:
            line.amount = line._get_unit_price() * line.quantity

    def _get_unit_price(self):
        """Return what one piece cost, in the currency of the company."""
        self.ensure_one()
        source, ordered = self.sale_line_id, self.sale_line_id.product_uom_qty
        if self.invoice_line_id:
            source, ordered = self.invoice_line_id, self.invoice_line_id.quantity
        if not ordered:
            return self.product_id.lst_price
        company = self.company_id or self.env.company
        return source.currency_id._convert(
            source.price_total / ordered,
            company.currency_id,
            company,
            fields.Date.context_today(self),
        )

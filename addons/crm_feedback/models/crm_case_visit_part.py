from odoo import api, fields, models


class CrmCaseVisitPart(models.Model):
    """A part that the technician has used."""

    _name = "crm.case.visit.part"
    _description = "Part Used at a Visit"
    _order = "visit_id, id"
    _check_company_auto = True

    visit_id = fields.Many2one(
        "crm.case.visit", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="visit_id.company_id", store=True, index=True)
    product_id = fields.Many2one(
        "product.product", required=True, index=True, check_company=True
    )
    quantity = fields.Float(required=True, default=1, digits="Product Unit")
    uom_id = fields.Many2one(related="product_id.uom_id")

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "Enter how many were used."
    )

    @api.depends("product_id", "quantity")
    def _compute_display_name(self):
        for part in self:
            part.display_name = f"{part.quantity:g} x {part.product_id.display_name}"

from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    warranty_months = fields.Integer(
        "Warranty (months)", help="From delivery on, else from the order. 0: none."
    )

    _warranty_positive = models.Constraint(
        "CHECK (warranty_months >= 0)", "A warranty can't be negative."
    )

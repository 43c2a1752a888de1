from odoo import fields, models


class CrmCaseResolution(models.Model):
    """How a case ended for the customer."""

    _name = "crm.case.resolution"
    _description = "Case Resolution"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("information", "Information"),
            ("apology", "Apology"),
            ("refund", "Refund"),
            ("credit", "Credit Note"),
            ("replacement", "Replacement"),
            ("repair", "Repair"),
            ("goodwill", "Goodwill"),
            ("rejected", "Rejected"),
            ("duplicate", "Duplicate"),
        ],
        required=True,
        default="information",
    )

from odoo import fields, models


class CrmConsentPurpose(models.Model):
    """What customers are written to for, and what that needs from them."""

    _name = "crm.consent.purpose"
    _description = "Consent Purpose"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True, help="Shown to the customer.")
    basis = fields.Selection(
        [
            ("consent", "Consent: only those who said yes"),
            ("interest", "Legitimate interest: all but those who said no"),
            ("contract", "Contract: always"),
        ],
        required=True,
        default="consent",
        help="The legal ground for writing to the customer (GDPR, article 6).",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "Another purpose has this technical name: choose another."
    )

from odoo import fields, models


class CrmChurnWarningPreviewLine(models.TransientModel):
    """A customer who would be on the list."""

    _name = "crm.churn.warning.preview.line"
    _description = "Customer in the Preview of a Churn Warning"
    _order = "margin_at_stake DESC, id"

    preview_id = fields.Many2one(
        "crm.churn.warning.preview", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one("res.partner", "Customer", ondelete="cascade")
    user_id = fields.Many2one("res.users", "Owner", ondelete="cascade")
    currency_id = fields.Many2one(related="preview_id.currency_id")
    score = fields.Integer()
    margin_at_stake = fields.Monetary()
    reasons = fields.Text()

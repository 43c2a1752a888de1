from odoo import api, fields, models
from odoo.fields import Command

# Lines that are shown; the count is of all.
SHOWN = 50


class CrmChurnWarningPreview(models.TransientModel):
    """Who would be on the list of a warning today. Nothing is opened or sent."""

    _name = "crm.churn.warning.preview"
    _description = "Preview of a Churn Warning"

    warning_id = fields.Many2one("crm.churn.warning", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="warning_id.currency_id")
    customer_count = fields.Integer("Customers", readonly=True)
    listed_count = fields.Integer(
        "On This Week's List", readonly=True, help="Within the limit of each owner."
    )
    stake = fields.Monetary("Money at Stake", readonly=True)
    holdout_count = fields.Integer("Only Watched", readonly=True)
    line_ids = fields.One2many(
        "crm.churn.warning.preview.line", "preview_id", "List", readonly=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        previews = super().create(vals_list)
        for preview in previews:
            preview._fill()
        return previews

    def _fill(self):
        warning = self.warning_id
        warning.check_access("write")
        warning = warning.sudo()
        candidates = warning._find_candidates()
        listed = warning._limit(candidates)
        self.write(
            {
                "customer_count": len(candidates),
                "listed_count": len(listed),
                "holdout_count": sum(
                    warning._is_held_out(candidate.partner_id) for candidate in listed
                ),
                "stake": sum(candidate.stake for candidate in candidates),
                "line_ids": [
                    Command.create(self._prepare_line_values(candidate))
                    for candidate in listed[:SHOWN]
                ],
            }
        )

    @api.model
    def _prepare_line_values(self, candidate):
        signals = self.env["crm.churn.warning.signal"]
        return {
            "partner_id": candidate.partner_id,
            "user_id": candidate.owner_id,
            "score": candidate.score,
            "margin_at_stake": candidate.stake,
            "reasons": "\n".join(
                signals._tell(fact["kind"], fact["figures"]) for fact in candidate.facts
            ),
        }

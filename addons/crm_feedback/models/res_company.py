from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    crm_sla_warning_percent = fields.Integer(
        "Warn after",
        default=75,
        help="A service level is in danger when so much of the promised time is used "
        "up, in percent.",
    )

    crm_comment_months = fields.Integer(
        "Keep Comments (months)",
        default=24,
        help="What customers wrote beside a score is removed after so many months, "
        "unless it led to a follow-up. Scores and counts stay. 0: kept for ever.",
    )

    _crm_comment_months_positive = models.Constraint(
        "CHECK (crm_comment_months >= 0)",
        "Give a number of months, or 0 to keep comments for ever.",
    )
    _crm_sla_warning_percent_share = models.Constraint(
        "CHECK (crm_sla_warning_percent BETWEEN 1 AND 99)",
        "Warn before the time is used up: give a percentage from 1 to 99.",
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"crm_sla_warning_percent", "resource_calendar_id"}:
            self.env["crm.case"]._refresh_service_levels(
                [("company_id", "in", self.ids)]
            )
        return result

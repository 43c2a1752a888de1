from odoo import api, fields, models
from odoo.tools import SQL


class CrmFeedbackSummary(models.Model):
    """The answers of each past day by scale."""

    _name = "crm.feedback.summary"
    _description = "Answers by Day"
    _inherit = ["crm.document.summary.mixin"]
    _log_access = False

    _summary_of = "crm.feedback"
    _summary_date = "date"

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    team_id = fields.Many2one("crm.case.team", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    scale = fields.Char(readonly=True)
    nps_points = fields.Integer(readonly=True)

    _day_idx = models.Index("(day, company_id)")

    @api.model
    def _get_sums_sql(self):
        return {"nps_points": SQL("COALESCE(crm_feedback.nps_points, 0)")}

from odoo import api, fields, models
from odoo.tools import SQL


class CrmLeadClosedSummary(models.Model):
    """The leads and opportunities won and lost on each past day."""

    _name = "crm.lead.closed.summary"
    _description = "Closed Leads by Day"
    _inherit = ["crm.document.summary.mixin"]
    _log_access = False

    _summary_of = "crm.lead"
    _summary_date = "date_closed"

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, ondelete="set null"
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, ondelete="set null"
    )
    type = fields.Char(readonly=True)
    won_status = fields.Char(readonly=True)
    lost_reason_id = fields.Many2one(
        "crm.lost.reason", readonly=True, ondelete="set null"
    )
    active = fields.Boolean(readonly=True)
    expected_revenue = fields.Monetary(readonly=True)

    _day_idx = models.Index("(day, company_id)")

    @api.model
    def _get_sums_sql(self):
        return {"expected_revenue": SQL("COALESCE(crm_lead.expected_revenue, 0)")}

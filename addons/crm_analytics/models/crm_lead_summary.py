from odoo import api, fields, models
from odoo.tools import SQL


class CrmLeadSummary(models.Model):
    """The leads and opportunities that came in on each past day."""

    _name = "crm.lead.summary"
    _description = "New Leads by Day"
    _inherit = ["crm.document.summary.mixin"]
    _log_access = False

    _summary_of = "crm.lead"

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, ondelete="set null"
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, ondelete="set null"
    )
    source_id = fields.Many2one("utm.source", readonly=True, ondelete="set null")
    type = fields.Char(readonly=True)
    active = fields.Boolean(readonly=True)
    expected_revenue = fields.Monetary(readonly=True)

    _day_idx = models.Index("(day, company_id)")

    @api.model
    def _get_sums_sql(self):
        return {"expected_revenue": SQL("COALESCE(crm_lead.expected_revenue, 0)")}

from odoo import fields, models


class CrmSlaSummary(models.Model):
    """The promises that began on each past day, kept and broken."""

    _name = "crm.sla.summary"
    _description = "Promises by Day"
    _inherit = ["crm.document.summary.mixin"]
    _log_access = False

    _summary_of = "crm.sla.status"
    _summary_date = "date_start"

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    team_id = fields.Many2one("crm.case.team", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    state = fields.Char(readonly=True)

    _day_idx = models.Index("(day, company_id)")

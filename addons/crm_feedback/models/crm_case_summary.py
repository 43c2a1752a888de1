from odoo import fields, models


class CrmCaseSummary(models.Model):
    """The cases that came in on each past day."""

    _name = "crm.case.summary"
    _description = "New Cases by Day"
    _inherit = ["crm.document.summary.mixin"]
    _log_access = False

    _summary_of = "crm.case"

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    team_id = fields.Many2one("crm.case.team", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    category_id = fields.Many2one(
        "crm.case.category", readonly=True, ondelete="set null"
    )
    case_type = fields.Char(readonly=True)
    channel = fields.Char(readonly=True)
    active = fields.Boolean(readonly=True)

    _day_idx = models.Index("(day, company_id)")

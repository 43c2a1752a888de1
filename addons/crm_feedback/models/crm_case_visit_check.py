from odoo import fields, models


class CrmCaseVisitCheck(models.Model):
    """A line of a visit's checklist."""

    _name = "crm.case.visit.check"
    _description = "Visit Checklist Line"
    _order = "visit_id, sequence, id"

    visit_id = fields.Many2one(
        "crm.case.visit", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="visit_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("To Do", required=True)
    is_done = fields.Boolean("Done")
    note = fields.Char(help="What was found or measured, or why it was not done.")

    def _get_summary(self):
        return ", ".join(
            f"{check.name} ({check.note})" if check.note else check.name
            for check in self
        )

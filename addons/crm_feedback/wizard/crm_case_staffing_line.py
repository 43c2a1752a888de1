from odoo import fields, models


class CrmCaseStaffingLine(models.TransientModel):
    """Contacts of one hour of the next week, and the agents they need."""

    _name = "crm.case.staffing.line"
    _description = "Staffing of an Hour"
    _order = "weekday, hour"

    staffing_id = fields.Many2one(
        "crm.case.staffing", required=True, index=True, ondelete="cascade"
    )
    weekday = fields.Selection(
        selection=lambda self: self.env["crm.case.report"]._fields["weekday"].selection
    )
    hour = fields.Selection(
        selection=lambda self: self.env["crm.case.report"]._fields["hour"].selection
    )
    expected = fields.Float("Expected Contacts", digits=(16, 1))
    low = fields.Float("At Least", digits=(16, 1))
    high = fields.Float("At Most", digits=(16, 1))
    agents = fields.Integer("Agents Needed", aggregator="max")
    agents_high = fields.Integer("Agents for At Most", aggregator="max")

from odoo import fields, models


class CrmKpiStep(models.Model):
    """A step towards an objective: who does what until when."""

    _name = "crm.kpi.step"
    _description = "Step of an Objective"
    _order = "sequence, id"

    objective_id = fields.Many2one(
        "crm.kpi.objective", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="objective_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Step", required=True)
    user_id = fields.Many2one("res.users", "Who")
    date_deadline = fields.Date("Until")
    is_done = fields.Boolean("Done")

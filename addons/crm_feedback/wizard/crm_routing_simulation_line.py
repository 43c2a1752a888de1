from odoo import fields, models


class CrmRoutingSimulationLine(models.TransientModel):
    """How many cases an agent would have got, and how many he got."""

    _name = "crm.routing.simulation.line"
    _description = "Simulated Cases of an Agent"
    _order = "team_id, tried_count desc, id"

    simulation_id = fields.Many2one(
        "crm.routing.simulation", required=True, index=True, ondelete="cascade"
    )
    team_id = fields.Many2one("crm.case.team")
    user_id = fields.Many2one("res.users", "Agent")
    tried_count = fields.Integer("Would Have Got")
    happened_count = fields.Integer("Got")
    wait_hours = fields.Float("Waited on Average")

from odoo import api, fields, models


class CrmCaseAgentSkill(models.Model):
    """How well an agent knows something."""

    _name = "crm.case.agent.skill"
    _description = "Skill of an Agent"
    _order = "level desc, id"

    agent_id = fields.Many2one(
        "crm.case.agent", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="agent_id.company_id", store=True, index=True)
    skill_id = fields.Many2one(
        "crm.case.skill", required=True, index=True, ondelete="cascade"
    )
    level = fields.Integer(required=True, default=3, help="From 1 to 5.")

    _skill_uniq = models.UniqueIndex(
        "(agent_id, skill_id)", "An agent has each skill only once."
    )
    _level_range = models.Constraint(
        "CHECK (level BETWEEN 1 AND 5)", "Give a level from 1 to 5."
    )

    @api.depends("skill_id", "level")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.skill_id.name} {line.level}"

from odoo import fields, models


class CrmCaseChannelWeight(models.Model):
    """How much of an agent's capacity a case of a channel takes; else it takes 1."""

    _name = "crm.case.channel.weight"
    _description = "Weight of a Channel"
    _order = "team_id, channel"
    _rec_name = "channel"

    team_id = fields.Many2one(
        "crm.case.team", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="team_id.company_id", store=True, index=True)
    channel = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["channel"].selection,
        required=True,
    )
    weight = fields.Float(required=True, default=1.0)

    _channel_uniq = models.UniqueIndex(
        "(team_id, channel)", "A team has one weight per channel."
    )
    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "A case can't take less than nothing."
    )

from odoo import api, fields, models


class CrmCampaignTarget(models.Model):
    """A figure that a campaign is to reach, beside what it has reached."""

    _name = "crm.campaign.target"
    _description = "Campaign Target"
    _order = "campaign_id, sequence, id"
    _rec_name = "figure"

    campaign_id = fields.Many2one(
        "utm.campaign", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    figure = fields.Selection("_selection_figure", required=True)
    target = fields.Float(required=True)
    actual = fields.Float(compute="_compute_actual")
    achievement = fields.Float(
        compute="_compute_actual", help="Share of the target that is reached, in %."
    )

    _figure_uniq = models.Constraint(
        "UNIQUE(campaign_id, figure)", "A campaign has one target per figure."
    )
    _target_positive = models.Constraint(
        "CHECK(target > 0)", "A target is a number above zero."
    )

    @api.model
    def _selection_figure(self):
        """Return the figures of a campaign that can have a target."""
        campaign_fields = self.env["utm.campaign"]._fields
        return [
            (name, campaign_fields[name].get_description(self.env)["string"])
            for name in self.env["utm.campaign"]._get_figure_names()
        ]

    @api.depends("figure", "target")
    def _compute_actual(self):
        for target in self:
            figure = target.figure
            target.actual = target.campaign_id[figure] if figure else 0
            target.achievement = (
                100 * target.actual / target.target if target.target else 0
            )

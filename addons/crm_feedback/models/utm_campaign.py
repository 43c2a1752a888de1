from odoo import fields, models

from odoo.addons.crm_lifecycle.models.utm_campaign import USER_GROUP


class UtmCampaign(models.Model):
    """Complaints that a campaign caused, at a glance."""

    _inherit = "utm.campaign"

    case_ids = fields.One2many("crm.case", "campaign_id", "Cases", groups=USER_GROUP)
    complaint_count = fields.Integer(
        "Complaints",
        compute="_compute_complaint_count",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Of this campaign, by its response page, its replies or its journeys.",
    )

    def _compute_complaint_count(self):
        counts = dict(
            self.env["crm.case"]._read_group(
                [("campaign_id", "in", self.ids), ("case_type", "=", "complaint")],
                ["campaign_id"],
                ["__count"],
            )
        )
        for campaign in self:
            campaign.complaint_count = counts.get(campaign, 0)

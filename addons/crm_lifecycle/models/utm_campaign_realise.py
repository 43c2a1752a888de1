from odoo import api, fields, models
from odoo.fields import Domain

from .utm_campaign import USER_GROUP

# What a contact needs to be reached by a channel.
ADDRESS_DOMAINS = {
    "phone": Domain("phone", "!=", False),
    "post": Domain("street", "!=", False) & Domain("city", "!=", False),
}


class UtmCampaignRealise(models.Model):
    """A campaign beyond mailings: calls, letters, links to share."""

    _inherit = "utm.campaign"

    call_ids = fields.One2many(
        "crm.campaign.call", "campaign_id", "Call List", groups=USER_GROUP
    )
    call_count = fields.Integer("Calls", compute="_compute_calls", groups=USER_GROUP)
    open_call_count = fields.Integer(
        "Calls to Do", compute="_compute_calls", groups=USER_GROUP
    )
    journey_ids = fields.One2many(
        "crm.journey", "campaign_id", "Journeys", groups=USER_GROUP
    )
    journey_count = fields.Integer(
        "Number of Journeys", compute="_compute_journey_count", groups=USER_GROUP
    )
    link_ids = fields.One2many(
        "link.tracker",
        "campaign_id",
        "Tracked Links",
        domain=[("medium_id.name", "=ilike", "social%")],
        groups=USER_GROUP,
    )

    @api.depends("call_ids.activity_id")
    def _compute_calls(self):
        for campaign in self:
            campaign.call_count = len(campaign.call_ids)
            campaign.open_call_count = len(
                campaign.call_ids.filtered(lambda call: call.state == "open")
            )

    @api.depends("journey_ids")
    def _compute_journey_count(self):
        for campaign in self:
            campaign.journey_count = len(campaign.journey_ids)

    def action_open_journeys(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_journey_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        action["context"] = {"default_campaign_id": self.id}
        return action

    def _get_contact_domain(self, channel):
        """Return a domain on ``res.partner``: whom the campaign may reach now.

        The audience without its control group, with an address of the channel, who
        allowed marketing by it and is not held by a contact policy.

        :param str channel: phone or post
        """
        self.ensure_one()
        return Domain.AND(
            [
                self._get_audience_domain(),
                ~self._get_control_domain(),
                ADDRESS_DOMAINS[channel],
                self.env["crm.consent"]._get_allowed_domain("marketing", channel),
                self.env["crm.contact.policy"]._get_contactable_domain(
                    "marketing", channel
                ),
            ]
        )

    def action_open_calls(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_campaign_call_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        return action

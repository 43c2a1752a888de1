from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .crm_campaign_share_network import POST_URLS


class CrmCampaignShare(models.TransientModel):
    """Tracked links to post elsewhere: one per network, so that each is measured."""

    _name = "crm.campaign.share"
    _description = "Campaign Share Links"

    campaign_id = fields.Many2one("utm.campaign", required=True, ondelete="cascade")
    url = fields.Char("Page", required=True)
    title = fields.Char()
    network_ids = fields.One2many("crm.campaign.share.network", "share_id", "Networks")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        campaign = self.env["utm.campaign"].browse(values.get("campaign_id"))
        if campaign:
            values.setdefault("url", campaign.response_url)
            values.setdefault("title", campaign.title)
        return values

    def action_make(self):
        """Make the links and show them."""
        self.ensure_one()
        self.campaign_id.check_access("write")
        if not (self.url or "").startswith(("http://", "https://")):
            raise UserError(
                self.env._("Give the whole address of the page, with https://.")
            )
        self.network_ids = [Command.clear()]
        self.env["crm.campaign.share.network"].create(
            [
                {"share_id": self.id, "network": network, "link_id": link.id}
                for network, link in self._make_links().items()
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Share Links"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _get_medium(self):
        """Return the medium of social networks, of stock or made anew."""
        medium = self.env.ref("utm.utm_medium_social_media", raise_if_not_found=False)
        if medium:
            return medium
        mediums = self.env["utm.medium"].sudo()
        medium = mediums.search([("name", "=ilike", "social media")], limit=1)
        return medium or mediums.create({"name": "Social Media"})

    def _make_links(self):
        """Return a tracked link per network.

        :rtype: dict[str, link.tracker]
        """
        labels = dict(
            self.env["crm.campaign.share.network"]
            ._fields["network"]
            ._description_selection(self.env)
        )
        medium = self._get_medium()
        links = {}
        for network in POST_URLS:
            source = self.env["utm.source"].sudo()
            found = source.search([("name", "=", labels[network])], limit=1)
            found = found or source.create({"name": labels[network]})
            links[network] = (
                self.env["link.tracker"]
                .sudo()
                .search_or_create(
                    [
                        {
                            "url": self.url,
                            "title": self.title,
                            "campaign_id": self.campaign_id.id,
                            "source_id": found.id,
                            "medium_id": medium.id,
                        }
                    ]
                )
            )
        return links

from urllib.parse import quote

from odoo import fields, models

# Where a post with a link begins, by network.
POST_URLS = {
    "linkedin": "https://www.linkedin.com/sharing/share-offsite/?url=%s",
    "facebook": "https://www.facebook.com/sharer/sharer.php?u=%s",
    "x": "https://x.com/intent/post?url=%s",
    "whatsapp": "https://wa.me/?text=%s",
    "other": "%s",
}


class CrmCampaignShareNetwork(models.TransientModel):
    """The link for one network."""

    _name = "crm.campaign.share.network"
    _description = "Campaign Share Link"

    share_id = fields.Many2one("crm.campaign.share", required=True, ondelete="cascade")
    network = fields.Selection(
        [
            ("linkedin", "LinkedIn"),
            ("facebook", "Facebook"),
            ("x", "X"),
            ("whatsapp", "WhatsApp"),
            ("other", "Elsewhere"),
        ],
        required=True,
    )
    link_id = fields.Many2one("link.tracker", "Tracker", ondelete="cascade")
    short_url = fields.Char("Link", related="link_id.short_url", related_sudo=True)

    def action_post(self):
        """Open the network's page for a new post with the link."""
        self.ensure_one()
        url = POST_URLS[self.network] % quote(self.sudo().link_id.short_url, safe="")
        if self.network == "other":
            url = self.sudo().link_id.short_url
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

from urllib.parse import urlsplit

from odoo import api, models


class WebsiteTrack(models.Model):
    _inherit = "website.track"

    @api.depends("page_id", "url")
    def _compute_display_name(self):
        for track in self:
            path = urlsplit(track.url or "").path
            track.display_name = track.page_id.sudo().name or path or track.url

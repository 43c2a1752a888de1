from odoo import api, models

from .res_partner_preference import PREFERENCE_PAGE


class MailRenderMixin(models.AbstractModel):
    """Links to the preference page are personal: they are not tracked."""

    _inherit = "mail.render.mixin"

    @api.model
    def _shorten_links(self, html, link_tracker_vals, blacklist=None, base_url=None):
        return super()._shorten_links(
            html,
            link_tracker_vals,
            blacklist=[*(blacklist or []), PREFERENCE_PAGE],
            base_url=base_url,
        )

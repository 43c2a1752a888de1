from odoo import api, models

from odoo.addons.crm_lifecycle.privacy_sections.privacy_section import PrivacySection


class CrmPrivacyRequest(models.Model):
    _inherit = "crm.privacy.request"

    @api.model
    def _get_sections(self):
        return [
            *super()._get_sections(),
            PrivacySection(
                "website.track",
                self.env._("Pages read on the website"),
                partner_fields=("visitor_id.partner_id",),
                fields=("url", "page_id", "visit_datetime"),
                erasure="purge",
            ),
            PrivacySection(
                "website.visitor",
                self.env._("Visits of the website"),
                fields=("create_date", "last_connection_datetime", "visit_count"),
                erasure="delete",
            ),
            PrivacySection(
                "crm.page.reading",
                self.env._("Pages read earlier"),
                partner_fields=("contact_id",),
                erasure="purge",
            ),
        ]

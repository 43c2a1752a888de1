from odoo import api, models

from odoo.addons.crm_lifecycle.privacy_sections.privacy_section import PrivacySection


class CrmPrivacyRequest(models.Model):
    _inherit = "crm.privacy.request"

    @api.model
    def _get_sections(self):
        return [
            *super()._get_sections(),
            PrivacySection(
                "crm.campaign.credit",
                self.env._("Orders attributed to campaigns"),
                fields=("campaign_id", "order_id", "kind", "date_touch", "weight"),
                erasure="purge",
            ),
            PrivacySection(
                "crm.product.recommendation",
                self.env._("Recommended products"),
                fields=("product_id", "because_product_id", "rank"),
                erasure="purge",
            ),
            PrivacySection(
                "crm.contact.plan.line",
                self.env._("Planned contacts"),
                fields=("plan_id", "campaign_id"),
                erasure="purge",
            ),
        ]

from odoo import api, models

from odoo.addons.crm_lifecycle.privacy_sections.privacy_section import PrivacySection


class CrmPrivacyRequest(models.Model):
    _inherit = "crm.privacy.request"

    @api.model
    def _get_sections(self):
        reason = self.env._(
            "Points are owed and stand in the accounts: they only refer to the "
            "anonymised contact."
        )
        return [
            *super()._get_sections(),
            PrivacySection(
                "loyalty.card",
                self.env._("Loyalty cards"),
                fields=("code", "program_id", "points", "expiration_date"),
                erasure="keep",
                reason=reason,
            ),
            PrivacySection(
                "loyalty.points.entry",
                self.env._("Points"),
                fields=(
                    *("date", "kind", "points", "program_id", "card_code"),
                    *("description", "expiry_date"),
                ),
                erasure="keep",
                reason=reason,
            ),
            PrivacySection(
                "loyalty.tier.change",
                self.env._("Changes of tier"),
                erasure="keep",
                reason=reason,
            ),
            PrivacySection(
                "crm.churn.alert",
                self.env._("Warnings that the customer may leave"),
                fields=("date_opened", "state", "reasons", "action_note"),
            ),
        ]

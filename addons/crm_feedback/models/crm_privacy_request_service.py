from odoo import api, models

from odoo.addons.crm_lifecycle.privacy_sections.privacy_section import PrivacySection


class CrmPrivacyRequestService(models.Model):
    """Visits and what was given to make good are about the person as well."""

    _inherit = "crm.privacy.request"

    @api.model
    def _get_sections(self):
        return [
            *super()._get_sections(),
            PrivacySection(
                "crm.case.visit",
                self.env._("Visits"),
                erasure="clear",
                cleared=("report", "instructions", "signed_by", "signature"),
                reason=self.env._("Times and parts count on, without the person."),
            ),
            PrivacySection(
                "crm.case.compensation",
                self.env._("Compensation"),
                fields=("kind", "amount", "points", "reason", "date_granted"),
                erasure="clear",
                cleared=("reason",),
                reason=self.env._("Amounts count on, without what was said."),
            ),
        ]

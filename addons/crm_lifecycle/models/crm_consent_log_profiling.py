from odoo import models

from .crm_customer_profile_profiling import PROFILING


class CrmConsentLogProfiling(models.Model):
    """What is done with the data follows a decision on profiling at once."""

    _inherit = "crm.consent.log"

    def _capture_decisions(self):
        result = super()._capture_decisions()
        decided = self.sudo().filtered(
            lambda log: log.kind == "decision" and log.purpose_id.code == PROFILING
        )
        if decided:
            profiles = self.env["crm.customer.profile"].sudo()
            profiles._profiling_decided(decided.partner_id)
        return result

from odoo import models

PROOF_REPORT = "crm_lifecycle.crm_consent_proof_report"


class CrmConsentProof(models.Model):
    """The proof of consent as a document."""

    _inherit = "crm.consent"

    def action_print_proof(self):
        """Print the proof of the contacts of these consents."""
        return self.env.ref(PROOF_REPORT).report_action(self.partner_id, config=False)

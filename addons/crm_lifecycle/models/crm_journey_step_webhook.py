from odoo import fields, models


class CrmJourneyStepWebhook(models.Model):
    """Steps that tell another system; the calls wait in a box until they got through"""

    _inherit = "crm.journey.step"

    webhook_url = fields.Char("Web Address")
    webhook_secret = fields.Char(
        "Secret",
        copy=True,
        groups="crm_lifecycle.crm_lifecycle_group_manager",
        help="Signs the calls, so that the other system can tell they are ours.",
    )

    def _get_webhook_problems(self):
        if not (self.webhook_url or "").startswith(("https://", "http://")):
            return [self.env._("give a web address that begins with https://.")]
        return []

    def _run_webhook(self, participants):
        self.env["crm.journey.webhook"].sudo().create(
            [
                {
                    "step_id": self.id,
                    "participant_id": participant.id,
                    "company_id": participant.company_id.id,
                    "key": f"{participant.id}-{participant.visit}",
                    "payload": self._get_payload(participant),
                }
                for participant in participants
            ]
        )
        self._move(participants.ids, "next")

    def _get_payload(self, participant):
        """Hook: return what is told about a participant, as JSON."""
        return {
            "journey": participant.journey_id.name,
            "step": self.name,
            "customer": participant.partner_id.id,
            "contact": participant.contact_id.id,
            "email": participant.contact_id.email or None,
            "reference": participant.partner_id.ref or None,
            "document_model": participant.res_model,
            "document_id": participant.res_id,
            "entered": fields.Datetime.to_string(participant.date_entered),
        }

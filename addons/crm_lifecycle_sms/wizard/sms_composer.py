from odoo import models

from odoo.addons.crm_lifecycle.models.crm_contact_hold import LASTING_REASONS


class SmsComposer(models.TransientModel):
    """Text messages of a mailing obey the contact policies, by number."""

    _inherit = "sms.composer"

    def _get_optout_record_ids(self, records, recipients_info):
        optout = super()._get_optout_record_ids(records, recipients_info)
        if not self.mailing_id:
            return optout
        numbers = {info["sanitized"] for info in recipients_info.values()} - {False}
        held = self._get_held_numbers(numbers)
        return [
            *optout,
            *(
                record_id
                for record_id, info in recipients_info.items()
                if info["sanitized"] in held
            ),
        ]

    def _get_done_record_ids(self, records, recipients_info):
        """A journey writes to each who makes his way, once: doubles are not his."""
        if self.mailing_id.is_journey_message:
            return []
        return super()._get_done_record_ids(records, recipients_info)

    def _get_held_numbers(self, numbers):
        """Return the numbers of contacts who said no or are held.

        Who never agreed is left to the mailing: its recipients may be no contacts.
        A journey has asked about the moment itself, of whom it writes to: of others
        with the same number only the decisions count.
        """
        mailing = self.mailing_id
        partners = (
            self.env["res.partner"]
            .sudo()
            .search_fetch(
                [("phone_sanitized", "in", list(numbers))], ["phone_sanitized"]
            )
        )
        answer = self.env["crm.contact.policy"]._ask(
            partners, mailing._get_purpose().code, mailing._get_consent_channel()
        )
        held = [
            partner_id
            for partner_id, reason in answer.held.items()
            if reason != "no_consent"
            and (reason in LASTING_REASONS or not mailing.is_journey_message)
        ]
        return set(partners.browse(held).mapped("phone_sanitized"))

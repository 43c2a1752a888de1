from odoo import models
from odoo.fields import Domain


class MailComposeMessage(models.TransientModel):
    """Mailings to leads, orders or list contacts obey the policies by address."""

    _inherit = "mail.compose.message"

    def _get_optout_emails(self, mail_values_dict):
        optout = super()._get_optout_emails(mail_values_dict)
        mailing = self.mass_mailing_id
        if not mailing:
            return optout
        return [*optout, *self._get_held_emails(mailing, mail_values_dict)]

    def _get_held_emails(self, mailing, mail_values_dict):
        """Return the addresses of this batch that belong to held contacts.

        Who never agreed is left to the mailing: its recipients may be no contacts.
        """
        recipients = self._get_recipients_data(mail_values_dict).values()
        emails = {
            email
            for data in recipients
            for email in data["mail_to_normalized"]
            if email
        }
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        partners = partners.search_fetch(
            [("email_normalized", "in", list(emails))], ["email_normalized"]
        )
        policies = self.env["crm.contact.policy"]
        code, channel = mailing._get_purpose().code, mailing._get_consent_channel()
        answer = policies._ask(partners, code, channel)
        undecided = partners.browse(
            partner_id
            for partner_id, reason in answer.held.items()
            if reason == "no_consent"
        )
        # A pause or a cap counts for them as for everybody.
        contactable = partners.search(
            policies._get_contactable_domain(code, channel)
            & Domain("id", "in", undecided.ids)
        )
        held = partners - answer.allowed - contactable
        return held.mapped("email_normalized")

from odoo import models
from odoo.tools.mail import append_content_to_html

from .res_partner_preference import PREFERENCE_PAGE


class MailMail(models.Model):
    """Every message that may be declined carries the recipient's own link to the
    preference page.
    """

    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        email_list = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        partner, purpose = self.sudo()._get_preference_recipient()
        if not partner:
            return email_list
        for email_values in email_list:
            email_values["body"] = self._add_preference_link(
                email_values["body"], partner, purpose
            )
        return email_list

    def _get_preference_recipient(self):
        """Hook: return the contact who may decline such mails, and their purpose.

        :return: a ``res.partner`` and a ``crm.consent.purpose``, both empty for mails
            that are nobody's choice, such as documents
        :rtype: tuple
        """
        self.ensure_one()
        return (
            self.mailing_trace_ids.partner_id[:1],
            self.mailing_id._get_purpose() if self.mailing_id else self._no_purpose(),
        )

    def _no_purpose(self):
        return self.env["crm.consent.purpose"].sudo()

    def _add_preference_link(self, body, partner, purpose):
        """Give ``body`` the recipient's link, where its author wants it or below."""
        page = f"{partner.get_base_url()}{PREFERENCE_PAGE}"
        if f"{page}/" in body:
            return body
        url = partner._get_preference_url()
        for placeholder in (page, PREFERENCE_PAGE):
            if f'href="{placeholder}"' in body:
                return body.replace(f'href="{placeholder}"', f'href="{url}"')
        if not purpose or purpose.basis == "contract":
            return body
        footer = self.env["ir.qweb"]._render(
            "crm_lifecycle.preference_centre_mail_footer",
            {"url": url},
            lang=partner.lang or self.env.lang,
        )
        return append_content_to_html(body, footer, plaintext=False)

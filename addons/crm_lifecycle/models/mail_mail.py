from odoo import models
from odoo.tools.mail import append_content_to_html

from .res_partner_preference import PREFERENCE_PAGE


class MailMail(models.Model):
    """Every mailing carries the recipient's own link to the preference page."""

    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        email_list = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        mailing = self.mailing_id.sudo()
        partner = self.sudo().mailing_trace_ids.partner_id[:1]
        if not mailing or not partner:
            return email_list
        for email_values in email_list:
            email_values["body"] = self._add_preference_link(
                email_values["body"], mailing, partner
            )
        return email_list

    def _add_preference_link(self, body, mailing, partner):
        """Give ``body`` the recipient's link, where its author wants it or below."""
        page = f"{mailing.get_base_url()}{PREFERENCE_PAGE}"
        if f"{page}/" in body:
            return body
        url = partner._get_preference_url()
        for placeholder in (page, PREFERENCE_PAGE):
            if f'href="{placeholder}"' in body:
                return body.replace(f'href="{placeholder}"', f'href="{url}"')
        if mailing._get_purpose().basis == "contract":
            return body
        footer = self.env["ir.qweb"]._render(
            "crm_lifecycle.preference_centre_mail_footer",
            {"url": url},
            lang=partner.lang or self.env.lang,
        )
        return append_content_to_html(body, footer, plaintext=False)

from odoo import models

from .loyalty_mail import BOUGHT_PROGRAMS


class MailMail(models.Model):
    """Mails of loyalty programs carry the link to the preference page."""

    _inherit = "mail.mail"

    def _get_preference_recipient(self):
        if self.model != "loyalty.card" or self.mailing_id:
            return super()._get_preference_recipient()
        card = self.env["loyalty.card"].browse(self.res_id).exists()
        if not card or card.program_id.program_type in BOUGHT_PROGRAMS:
            return super()._get_preference_recipient()
        return card.partner_id, self.env["crm.consent"]._get_purpose("loyalty")

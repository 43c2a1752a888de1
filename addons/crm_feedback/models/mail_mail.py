from odoo import models


class MailMail(models.Model):
    """Invitations of feedback programs carry the link to the preference page."""

    _inherit = "mail.mail"

    def _get_preference_recipient(self):
        if self.model != "survey.user_input":
            return super()._get_preference_recipient()
        answer = self.env["survey.user_input"].browse(self.res_id).exists()
        # The result of an exam is nothing one may decline.
        if not answer.feedback_program_id:
            return super()._get_preference_recipient()
        return answer.partner_id, answer.feedback_program_id.purpose_id

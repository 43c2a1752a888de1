from odoo import models
from odoo.exceptions import UserError


class CrmCaseAnswer(models.Model):
    """Answers from templates, each in the language of its customer."""

    _inherit = "crm.case"

    def _answer_with(self, template):
        """Answer the customers of all these cases with a template, as the user.

        :param template: ``mail.template`` of cases; with none nobody is answered
        """
        if not (self and template):
            return
        self._check_answerable()
        texts = template._generate_template(
            self.ids, ("subject", "body_html", "attachment_ids")
        )
        for case in self:
            case._post_answer(texts[case.id])

    def _check_answerable(self):
        mute = self.filtered(lambda case: not case.partner_id.email)
        if mute:
            raise UserError(
                self.env._(
                    "These cases have no customer with an e-mail address: %s. "
                    "Enter it, or leave them out.",
                    mute.mapped("number"),
                )
            )

    def _post_answer(self, text):
        self.message_post(
            body=text["body_html"],
            subject=text["subject"],
            attachment_ids=text.get("attachment_ids") or [],
            partner_ids=self.partner_id.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            force_email_lang=self.partner_id.lang,
        )

from odoo import api, models

from odoo.addons.crm_lifecycle.privacy_sections.privacy_section import PrivacySection


class CrmPrivacyRequest(models.Model):
    _inherit = "crm.privacy.request"

    @api.model
    def _get_sections(self):
        answers = self.env._(
            "Figures of the survey count on, without the person and his words."
        )
        return [
            *super()._get_sections(),
            PrivacySection(
                "crm.case",
                self.env._("Cases and complaints"),
                email_fields=("email_from",),
                erasure="clear",
                cleared=(
                    *("name", "description", "email_from", "phone"),
                    *("resolution_note", "routing_note"),
                ),
                reason=self.env._(
                    "Type, cause and times count on, without the person."
                ),
            ),
            PrivacySection(
                "crm.feedback",
                self.env._("Feedback"),
                erasure="clear",
                cleared=("comment", "partner_id", "commercial_partner_id"),
                reason=self.env._("The score counts on, without the person."),
            ),
            PrivacySection(
                "survey.user_input",
                self.env._("Surveys"),
                email_fields=("email",),
                fields=(
                    "survey_id",
                    "state",
                    "start_datetime",
                    "end_datetime",
                    "email",
                ),
                erasure="clear",
                cleared=("email", "nickname", "partner_id"),
                reason=answers,
            ),
            PrivacySection(
                "survey.user_input.line",
                self.env._("Answers in surveys"),
                partner_fields=("user_input_id.partner_id",),
                email_fields=("user_input_id.email",),
                fields=(
                    *("survey_id", "question_id", "suggested_answer_id"),
                    *("value_char_box", "value_text_box", "value_numerical_box"),
                    *("value_scale", "value_date", "value_datetime"),
                ),
                erasure="clear",
                cleared=("value_char_box", "value_text_box"),
                reason=answers,
            ),
        ]

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
            *self._get_service_sections(),
        ]

    @api.model
    def _get_service_sections(self):
        return [
            PrivacySection(
                "crm.service.contract",
                self.env._("Service contracts"),
                erasure="clear",
                cleared=("note",),
                reason=self.env._("What was agreed stays, without notes."),
            ),
            PrivacySection(
                "crm.knowledge.reading",
                self.env._("Articles read"),
                fields=("article_id", "date"),
                erasure="clear",
                cleared=("partner_id",),
                reason=self.env._("The reading counts on, without the person."),
            ),
            PrivacySection(
                "crm.knowledge.search",
                self.env._("Searches in the help"),
                fields=("text", "date"),
                erasure="purge",
            ),
            PrivacySection(
                "crm.knowledge.vote",
                self.env._("Votes on articles"),
                fields=("article_id", "is_helpful"),
                erasure="purge",
            ),
        ]

    @api.model
    def _get_exempt_models(self):
        return {
            **super()._get_exempt_models(),
            "crm.corrective.action": "names the supplier of a product, no customer",
            "crm.case.report": "a view of cases",
            "crm.knowledge.gap.report": "a view of cases and searches",
            "crm.quality.cost.report": "a view of compensation",
            "crm.recovery.report": "a view of feedback",
        }

from markupsafe import Markup

from odoo import SUPERUSER_ID, fields, models


class SurveyUserInput(models.Model):
    """An invitation of a feedback program is a survey answer not given yet."""

    _inherit = "survey.user_input"

    feedback_program_id = fields.Many2one(
        "crm.feedback.program",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    feedback_case_id = fields.Many2one(
        "crm.case", "Case", readonly=True, index="btree_not_null", ondelete="set null"
    )
    first_feedback_id = fields.Many2one(
        "crm.feedback",
        "Asked Again After",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    invitation_date = fields.Datetime("Invited on", readonly=True)

    def _mark_done(self):
        result = super()._mark_done()
        # The public visitor answers, but follow-ups are not his doing.
        answers = self.with_user(SUPERUSER_ID)
        answers.env["crm.feedback"]._record_survey_answers(answers)
        return result

    def _prepare_feedback_values(self):
        """Return the values of the customer feedback, or None without a score."""
        self.ensure_one()
        program = self.feedback_program_id
        lines = self.user_input_line_ids.filtered(lambda line: not line.skipped)
        score = lines.filtered(lambda line: line.question_id == program.question_id)
        if not score:
            return None
        comment = lines.filtered(
            lambda line: line.question_id == program.comment_question_id
        )[:1]
        case = self.feedback_case_id
        company = case.company_id or program.company_id or self.env.company
        return {
            "date": self.end_datetime or fields.Datetime.now(),
            "source": "survey",
            "scale": program.scale,
            "score": score[0].value_scale,
            "comment": comment.value_text_box or comment.value_char_box,
            "partner_id": self.partner_id.id,
            "program_id": program.id,
            "case_id": case.id,
            "sale_order_id": case.sale_order_id.id,
            "company_id": company.id,
            "user_input_id": self.id,
            "first_feedback_id": self.first_feedback_id.id,
        }

    def action_open_case(self):
        """Open a case about what the customer answered."""
        self.ensure_one()
        answers = self.user_input_line_ids.filtered(lambda line: not line.skipped)
        text = Markup("<br/>").join(
            f"{line.question_id.title}: {line.display_name}" for line in answers
        )
        return self.env["crm.case"]._get_opening_action(
            {
                "name": self.env._("Answer to %s", self.survey_id.title),
                "partner_id": self.partner_id.id,
                "email_from": self.email,
                "channel": "survey",
                "case_type": "complaint",
                "sale_order_id": self.feedback_case_id.sale_order_id.id,
                "description": text,
            }
        )

from odoo import api, fields, models
from odoo.fields import Domain

BATCH = 1000


class CrmFeedbackExpiry(models.Model):
    """What customers wrote and nobody made use of is not kept for ever.

    Scores, categories and all that is counted from them stay.
    """

    _inherit = "crm.feedback"

    @api.autovacuum
    def _gc_comments(self):
        """Remove old comments of which no follow-up was made."""
        expired = self.search(self._get_expired_domain(), order="date", limit=BATCH)
        expired._forget_comments()
        return len(expired), len(expired) == BATCH

    @api.model
    def _get_expired_domain(self):
        companies = self.env["res.company"].search([("crm_comment_months", ">", 0)])
        now = fields.Datetime.now()
        old = Domain.OR(
            Domain("company_id", "in", group.ids)
            & Domain("date", "<", fields.Datetime.subtract(now, months=months))
            for months, group in companies.grouped("crm_comment_months").items()
        )
        return (
            old & Domain("comment", "!=", False) & Domain("follow_up_ids", "=", False)
        )

    def _forget_comments(self):
        """Remove the text here and where it came from."""
        answers = self.sudo()
        lines = answers.user_input_id.user_input_line_ids
        questions = answers.program_id.comment_question_id
        lines.filtered(lambda line: line.question_id in questions).unlink()
        answers.rating_id.write({"feedback": False})
        answers.write({"comment": False})

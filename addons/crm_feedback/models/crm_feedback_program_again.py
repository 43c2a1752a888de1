from datetime import timedelta

from odoo import api, fields, models

# A second question that could not be asked so long after it was due is let go.
GRACE = timedelta(days=14)


class CrmFeedbackProgramAgain(models.Model):
    """Unhappy customers are asked a second time, after their matter was looked after.

    Not before the pause between two invitations is over, and once: whether the loop is
    closed is known from the second answer.
    """

    _inherit = "crm.feedback.program"

    ask_again = fields.Boolean(
        default=True,
        help="When the follow-up of an unhappy answer is solved, the customer is asked "
        "a second time, as soon as the pause between two invitations is over.",
    )

    @api.model
    def _ask_about_cases(self, cases):
        follow_ups = self._filter_asked_again(cases.sudo())
        result = super()._ask_about_cases(cases - follow_ups)
        reasons = {}
        programs = follow_ups.grouped(lambda case: case.feedback_id.program_id)
        for program, members in programs.items():
            reasons.update(program._ask(members))
        if reasons:
            follow_ups.browse(reasons)._message_log_batch(bodies=reasons)
        return result

    @api.model
    def _filter_asked_again(self, cases):
        """Return the follow-ups of first answers whose program asks again."""
        return cases.filtered(
            lambda case: case.feedback_id.program_id.ask_again
            and not case.feedback_id.first_feedback_id
        )

    @api.model
    def _cron_ask_again(self):
        """Ask those who had to be left in peace when their follow-up was solved."""
        for program in self.search([("ask_again", "=", True)]):
            program._ask(program._filter_rested(program._get_waiting_follow_ups()))

    def _get_waiting_follow_ups(self):
        self.ensure_one()
        pause = timedelta(days=self.fatigue_days)
        solved = (
            self.env["crm.case"]
            .sudo()
            .search(
                [
                    ("feedback_id.program_id", "=", self.id),
                    ("feedback_id.first_feedback_id", "=", False),
                    ("stage_kind", "=", "solved"),
                    ("date_closed", ">=", fields.Datetime.now() - pause - GRACE),
                ]
            )
        )
        invitations = self.env["survey.user_input"].sudo()
        asked = invitations.search(
            [("first_feedback_id", "in", solved.feedback_id.ids)]
        )
        return solved.filtered(
            lambda case: case.feedback_id not in asked.first_feedback_id
        )

    def _invite(self, cases):
        invitations = super()._invite(cases)
        for invitation in invitations:
            invitation.first_feedback_id = invitation.feedback_case_id.feedback_id
        return invitations

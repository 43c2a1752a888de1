from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestSecondQuestion(FeedbackCase):
    """After the follow-up of an unhappy answer the customer is asked a second time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.contact.policy"].search([]).active = False
        cls.program = cls._create_program(domain='[("case_type", "=", "complaint")]')

    def _follow_up(self, answer):
        case = answer.follow_up_ids
        self._answer(case)
        case.root_cause_id = self.cause
        case.action_solve()
        return case

    def _answer_invitation(self, invitation, score):
        invitation._save_lines(self.program.question_id, str(score))
        invitation._mark_done()
        return self.env["crm.feedback"].search(
            [("user_input_id", "=", invitation.id)], limit=1
        )

    def _get_recovery(self, answer):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.recovery.report"].browse(answer.id)

    def test_asked_again_and_recovered(self):
        answer = self._create_answers(2, program_id=self.program.id)
        answer.date = fields.Datetime.now() - timedelta(days=3)
        case = self._follow_up(answer)
        invitation = self.program.invitation_ids
        self.assertEqual(invitation.first_feedback_id, answer)
        self.assertEqual(invitation.feedback_case_id, case)
        second = self._answer_invitation(invitation, 9)
        self.assertEqual(answer.second_feedback_ids, second)
        # Another matter, later: this one was put right all the same.
        later = self._create_answers(1, program_id=self.program.id)
        later.date = fields.Datetime.now() + timedelta(days=1)
        row = self._get_recovery(answer)
        self.assertEqual((row.asked_again, row.recovered), (1, 100))

    def test_still_unhappy_is_not_recovered_and_not_asked_a_third_time(self):
        answer = self._create_answers(2, program_id=self.program.id)
        answer.date = fields.Datetime.now() - timedelta(days=3)
        self.program.fatigue_days = 0
        self._follow_up(answer)
        second = self._answer_invitation(self.program.invitation_ids, 3)
        self.assertEqual(self._get_recovery(answer).recovered, 0)
        self._follow_up(second)
        self.program._cron_ask_again()
        self.assertEqual(len(self.program.invitation_ids), 1)

    def test_the_pause_between_invitations_is_kept(self):
        with freeze_time("2026-11-02 09:00:00"):
            self._solve(self._create_complaint())
            first = self._answer_invitation(self.program.invitation_ids, 2)
        with freeze_time("2026-11-04 09:00:00"):
            case = self._follow_up(first)
            self.assertEqual(len(self.program.invitation_ids), 1)
            self.assertIn(
                "already asked within 30 days",
                " ".join(case.message_ids.mapped("body")),
            )
            self.program._cron_ask_again()
        self.assertEqual(len(self.program.invitation_ids), 1)
        with freeze_time("2026-12-03 09:00:00"):
            self.program._cron_ask_again()
            self.program._cron_ask_again()
        self.assertEqual(len(self.program.invitation_ids), 2)
        again = self.program.invitation_ids.filtered("first_feedback_id")
        self.assertEqual(again.first_feedback_id, first)

    def test_a_program_that_does_not_ask_again(self):
        self.program.ask_again = False
        self._follow_up(self._create_answers(2, program_id=self.program.id))
        self.program._cron_ask_again()
        self.assertFalse(self.program.invitation_ids)


@tagged("post_install", "-at_install")
class TestCommentExpiry(FeedbackCase):
    """Comments nobody made use of go after a time; scores and counts stay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.crm_comment_months = 12
        cls.old = fields.Datetime.now() - timedelta(days=400)

    def _clean(self):
        self.env["crm.feedback"]._gc_comments()
        self.env.invalidate_all()

    def _get_score(self):
        return self.env["crm.feedback"]._get_net_promoter_score(
            [("partner_id", "=", self.customer.id)]
        )

    def test_unused_comments_go_and_scores_stay(self):
        program = self._create_program()
        unused = self._create_answers(9, date=self.old, comment="Lovely")
        used = self._create_answers(
            2, date=self.old, comment="Late", program_id=program.id
        )
        young = self._create_answers(10, comment="Quick")
        before = self._get_score()
        self._clean()
        self.assertEqual(
            [answer.comment for answer in unused | used | young],
            [False, "Late", "Quick"],
        )
        self.assertEqual(self._get_score(), before)
        self.assertEqual(unused.category, "promoter")

    def test_the_survey_s_own_text_goes_too(self):
        program = self._create_program()
        self._create_case().action_solve()
        invitation = program.invitation_ids
        invitation._save_lines(program.question_id, "9")
        invitation._save_lines(program.comment_question_id, "Lovely")
        invitation._mark_done()
        answer = self.env["crm.feedback"].search(
            [("user_input_id", "=", invitation.id)]
        )
        answer.date = self.old
        self._clean()
        self.assertFalse(answer.comment)
        self.assertEqual(
            invitation.user_input_line_ids.question_id, program.question_id
        )
        self.assertEqual(answer.score, 9)

    def test_nothing_goes_without_a_limit(self):
        self.env.company.crm_comment_months = 0
        answer = self._create_answers(9, date=self.old, comment="Lovely")
        self._clean()
        self.assertEqual(answer.comment, "Lovely")

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmFeedbackProgram(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._create_program()

    def _solve_case(self, partner=None):
        case = self._create_case(partner)
        case.action_solve()
        return case

    def _get_notes(self, case):
        return " ".join(case.message_ids.mapped("body"))

    def test_solving_a_case_invites_its_customer(self):
        case = self._solve_case()
        invitation = self.program.invitation_ids
        self.assertRecordValues(
            invitation,
            [
                {
                    "partner_id": self.customer.id,
                    "feedback_case_id": case.id,
                    "state": "new",
                }
            ],
        )
        mail = self.env["mail.mail"].search(
            [("model", "=", "survey.user_input"), ("res_id", "=", invitation.id)]
        )
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn(invitation.access_token, mail.body_html)
        self.assertIn(case.number, mail.subject)
        [values] = mail._prepare_outgoing_list()
        self.assertIn("/preferences/", values["body"])

    def test_three_triggers_in_thirty_days_give_one_invitation(self):
        colleague = self._create_customer(
            "Alan", parent_id=self.customer.id, is_company=False
        )
        with freeze_time("2026-11-01 09:00:00"):
            self._solve_case()
        with freeze_time("2026-11-10 09:00:00"):
            self._solve_case(colleague)
        with freeze_time("2026-11-30 09:00:00"):
            case = self._solve_case()
        self.assertEqual(len(self.program.invitation_ids), 1)
        self.assertIn("already asked within 30 days", self._get_notes(case))
        with freeze_time("2026-12-02 09:00:00"):
            self._solve_case()
        self.assertEqual(len(self.program.invitation_ids), 2)

    def test_cases_closed_together_give_one_invitation(self):
        cases = self._create_case() | self._create_case()
        cases.action_solve()
        self.assertEqual(len(self.program.invitation_ids), 1)

    def test_who_said_no_is_not_asked(self):
        self.env["crm.consent"]._record(
            self.customer, "survey", "email", False, "Test", "Surveys"
        )
        case = self._solve_case()
        self.assertFalse(self.program.invitation_ids)
        self.assertIn("Said no", self._get_notes(case))

    def test_who_has_no_address_is_not_asked(self):
        case = self._solve_case(self._create_customer("Nemo", email=False))
        self.assertFalse(self.program.invitation_ids)
        self.assertIn("no e-mail address", self._get_notes(case))

    def test_the_filter_is_obeyed(self):
        self.program.domain = '[("case_type", "=", "complaint")]'
        self._solve_case()
        self.assertFalse(self.program.invitation_ids)

    def test_a_follow_up_is_not_asked_about(self):
        self.program.ask_again = False
        answer = self._create_answers(3, program_id=self.program.id)
        case = answer.follow_up_ids
        self._answer(case)
        case.root_cause_id = self.cause
        case.action_solve()
        self.assertFalse(self.program.invitation_ids)

    def test_cancelled_cases_are_not_asked_about(self):
        self._create_case().action_cancel()
        self.assertFalse(self.program.invitation_ids)

    def test_the_answer_becomes_feedback(self):
        case = self._solve_case()
        invitation = self.program.invitation_ids
        invitation._save_lines(self.program.question_id, "2")
        invitation._save_lines(self.program.comment_question_id, "It took weeks")
        invitation._mark_done()
        answer = self.env["crm.feedback"].search([("case_id", "=", case.id)])
        self.assertRecordValues(
            answer,
            [
                {
                    "scale": "nps",
                    "score": 2,
                    "category": "detractor",
                    "comment": "It took weeks",
                    "partner_id": self.customer.id,
                    "program_id": self.program.id,
                }
            ],
        )
        self.assertTrue(answer.follow_up_ids)
        invitation._mark_done()
        self.assertEqual(
            self.env["crm.feedback"].search_count([("case_id", "=", case.id)]), 1
        )

    def test_zero_is_an_answer_and_silence_is_none(self):
        self._solve_case()
        invitation = self.program.invitation_ids
        invitation._save_lines(self.program.question_id, "0")
        invitation._mark_done()
        other = self._create_customer("Olga")
        self._solve_case(other)
        silent = self.program.invitation_ids - invitation
        silent._mark_done()
        answers = self.env["crm.feedback"].search(
            [("program_id", "=", self.program.id)]
        )
        self.assertEqual(answers.mapped("score"), [0])

    def test_the_program_shows_its_figures(self):
        self._create_answers(
            *[10] * 60, *[7] * 25, program_id=self.program.id, partner_id=False
        )
        self._create_answers(*[3] * 15, program_id=self.program.id, partner_id=False)
        self.assertEqual(self.program.answer_count, 100)
        self.assertAlmostEqual(self.program.nps, 45)
        self.assertAlmostEqual(self.program.nps_margin, 14.5, places=1)

    def test_the_question_has_to_fit_the_scale(self):
        with self.assertRaisesRegex(ValidationError, "scale from 1 to 5"):
            self.program.scale = "csat"

    def test_a_filter_that_is_none_is_refused(self):
        with self.assertRaises(ValidationError):
            self.program.domain = '[("no_such_field", "=", 1)]'

    def test_an_open_complaint_holds_promotion_until_it_is_closed(self):
        policies = self.env["crm.contact.policy"]
        self.env["crm.consent"]._record(
            self.customer, "marketing", "email", True, "Form", "Offers"
        )
        self.assertTrue(policies._ask(self.customer, "marketing").allowed)
        case = self._create_case(case_type="complaint")
        self.assertEqual(
            policies._ask(self.customer, "marketing").held,
            {self.customer.id: "complaint"},
        )
        self.assertTrue(policies._ask(self.customer, "service").allowed)
        self.assertTrue(policies._ask(self.customer, "survey").allowed)
        case.resolution_id = self.env["crm.case.resolution"].search([], limit=1)
        case._move_to("cancelled")
        self.assertTrue(policies._ask(self.customer, "marketing").allowed)

    def test_an_invitation_counts_as_a_message(self):
        case = self._create_case()
        case.action_solve()
        event = self.event.search([("type_id.code", "=", "survey_sent")])
        self.assertEqual(event.contact_id, self.customer)
        self.assertEqual(event.purpose_id, self.program.purpose_id)

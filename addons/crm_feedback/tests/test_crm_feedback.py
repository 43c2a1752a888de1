import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmFeedback(FeedbackCase):
    def test_scores_have_categories(self):
        answers = self._create_answers(10, 9, 8, 7, 6, 0)
        self.assertEqual(
            answers.mapped("category"),
            ["promoter"] * 2 + ["passive"] * 2 + ["detractor"] * 2,
        )
        self.assertEqual(answers.filtered("is_unhappy").mapped("score"), [6, 0])

    def test_satisfaction_and_effort_are_read_apart(self):
        satisfaction = self._create_answers(5, 3, 1, scale="csat")
        effort = self._create_answers(1, 3, 5, scale="ces")
        expected = ["satisfied", "neutral", "dissatisfied"]
        self.assertEqual(satisfaction.mapped("category"), expected)
        self.assertEqual(effort.mapped("category"), expected)
        self.assertEqual(satisfaction.mapped("nps_points"), [0, 0, 0])

    @mute_logger("odoo.sql_db")
    def test_a_score_lies_in_its_scale(self):
        with self.assertRaises(psycopg2.errors.CheckViolation):
            self._create_answers(11)
            self.env.flush_all()

    def test_score_of_sixty_promoters_and_fifteen_detractors(self):
        self._create_answers(*[10] * 60, *[7] * 25, *[3] * 15)
        figures = self.env["crm.feedback"]._get_net_promoter_score(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertAlmostEqual(figures.score, 45)
        self.assertAlmostEqual(figures.margin, 14.5, places=1)
        ((average,),) = self.env["crm.feedback"]._read_group(
            [("partner_id", "=", self.customer.id)], [], ["nps_points:avg"]
        )
        self.assertAlmostEqual(average, 45)

    def test_answers_are_customer_events(self):
        self._create_answers(10)
        self.assertEvents(self.customer, ["survey_answered"])

    def test_an_unhappy_customer_is_followed_up(self):
        program = self._create_program()
        answer = self._create_answers(3, program_id=program.id, comment="Too slow")
        case = answer.follow_up_ids
        self.assertRecordValues(
            case,
            [
                {
                    "case_type": "request",
                    "user_id": self.agent.id,
                    "team_id": self.team.id,
                    "channel": "survey",
                    "partner_id": self.customer.id,
                    "date_promised": fields.Datetime.add(answer.date, hours=48),
                }
            ],
        )
        self.assertEqual(case.activity_ids.user_id, self.agent)
        self.assertIn("Too slow", case.description)
        self.assertEqual(answer.follow_up_state, "open")
        codes = self.event.search([("partner_id", "=", self.customer.id)]).type_id
        self.assertIn("detractor_answer", codes.mapped("code"))

    def test_a_follow_up_closes_with_cause_and_answer_only(self):
        program = self._create_program()
        answer = self._create_answers(3, program_id=program.id)
        case = answer.follow_up_ids
        self.assertMissing(case, "answer the customer", "root cause")
        self._answer(case)
        case.root_cause_id = self.cause
        case.action_solve()
        self.assertEqual(answer.follow_up_state, "closed")

    def test_happy_customers_are_left_alone(self):
        program = self._create_program()
        self.assertFalse(
            self._create_answers(9, 7, program_id=program.id).follow_up_ids
        )

    def test_each_unhappy_answer_has_one_follow_up(self):
        program = self._create_program()
        answer = self._create_answers(3, program_id=program.id)
        answer._follow_up()
        self.assertEqual(len(answer.follow_up_ids), 1)

    def test_closing_says_what_to_do(self):
        program = self._create_program()
        case = self._create_answers(3, program_id=program.id).follow_up_ids
        with self.assertRaisesRegex(UserError, "Please: answer the customer"):
            case.action_solve()

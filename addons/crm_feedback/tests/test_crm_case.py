from odoo.exceptions import UserError
from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCase(FeedbackCase):
    def test_each_case_gets_the_next_number(self):
        first, second = self.case.create(
            [{"name": "One", "team_id": self.team.id}, {"name": "Two"}]
        )
        self.assertTrue(first.number.startswith("CASE"))
        self.assertNotEqual(first.number, second.number)
        self.assertEqual(first.display_name, f"{first.number} One")

    def test_the_values_given_stay_as_they_are(self):
        values = {"name": "One", "team_id": self.team.id}
        self.assertNotEqual(
            self.case.create(values).number, self.case.create(values).number
        )

    def test_contact_details_come_from_the_customer(self):
        case = self._create_case()
        self.assertEqual(case.email_from, self.customer.email)
        self.assertEqual(case.commercial_partner_id, self.customer)

    def test_opening_is_a_customer_event(self):
        case = self._create_case()
        events = self.assertEvents(self.customer, ["case_opened"])
        self.assertEqual(events.res_id, case.id)
        self.assertEqual(events.date, case.date_received)

    def test_a_customer_found_later_gets_the_event_then(self):
        case = self.case.create({"name": "Who was it?", "team_id": self.team.id})
        self.assertEvents(self.customer, [])
        case.partner_id = self.customer
        self.assertEvents(self.customer, ["case_opened"])

    def test_solving_is_an_event_each_time(self):
        case = self._create_case()
        case.action_solve()
        case.action_reopen()
        case.action_solve()
        self.assertEqual(case.reopen_count, 1)
        self.assertEvents(self.customer, ["case_opened", "case_solved", "case_solved"])

    def test_a_complaint_without_answer_cause_and_resolution_stays_open(self):
        case = self._create_complaint()
        self.assertMissing(case, "answer the customer", "root cause", "resolution")
        self.assertEqual(case.stage_kind, "open")
        self._answer(case)
        self.assertMissing(case, "root cause", "resolution")
        case.root_cause_id = self.cause
        self.assertMissing(case, "resolution")
        case.resolution_id = self.resolution
        case.action_solve()
        self.assertEqual(case.stage_kind, "solved")
        self.assertTrue(case.date_closed)

    def test_moving_the_card_asks_for_the_same(self):
        case = self._create_complaint()
        with self.assertRaises(UserError):
            case.stage_id = self.stages["solved"]

    def test_a_complaint_is_cancelled_with_a_reason_only(self):
        case = self._create_complaint()
        with self.assertRaises(UserError):
            case.action_cancel()
        case.resolution_id = self.resolution
        case.action_cancel()
        self.assertEqual(case.stage_kind, "cancelled")

    def test_a_question_closes_without_ado(self):
        case = self._create_case()
        case.action_solve()
        self.assertTrue(case.date_closed)

    def test_a_note_is_no_answer(self):
        case = self._create_complaint()
        case.with_user(self.agent).message_post(
            body="Look into this",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            partner_ids=self.customer.ids,
        )
        self.assertFalse(case.date_responded)

    def test_a_message_to_a_colleague_is_no_answer(self):
        case = self._create_complaint()
        case.with_user(self.agent).message_post(
            body="Can you?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.other_agent.partner_id.ids,
        )
        self.assertFalse(case.date_responded)
        self._answer(case)
        self.assertTrue(case.date_responded)

    def test_a_complaint_walks_the_eight_steps(self):
        case = self._create_complaint()
        self.assertTrue(case.date_received)
        self.assertTrue(case.date_tracked)
        self.assertFalse(case.date_assessed)
        case.category_id = self.env["crm.case.category"].create({"name": "Furniture"})
        case.user_id = self.agent
        self.assertTrue(case.date_assessed)
        case._acknowledge()
        self.assertTrue(case.date_acknowledged)
        case.root_cause_id = self.cause
        self.assertTrue(case.date_investigated)
        self._answer(case)
        self.assertFalse(case.date_communicated, "nothing is decided yet")
        case.resolution_id = self.resolution
        self._answer(case)
        self.assertTrue(case.date_responded and case.date_communicated)
        case.action_solve()
        self.assertTrue(case.date_closed)

    def test_other_types_do_not_carry_the_steps_of_complaints(self):
        case = self._create_case(user_id=self.agent.id)
        case.root_cause_id = self.cause
        self.assertFalse(case.date_tracked or case.date_investigated)

    def test_the_customer_s_reply_takes_up_a_waiting_case(self):
        case = self._create_case()
        case.action_wait()
        case.with_user(self._create_portal_user()).message_post(
            body="Here is the photo",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(case.stage_kind, "open")

    def test_the_customer_s_reply_reopens_a_solved_case(self):
        case = self._create_complaint()
        self._solve(case)
        case.with_user(self._create_portal_user()).message_post(
            body="Broken again",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(case.stage_kind, "open")
        self.assertFalse(case.date_closed)

    def test_a_rating_is_feedback_and_does_not_reopen_the_case(self):
        case = self._create_case()
        case.action_solve()
        token = case._rating_get_access_token()
        case.rating_apply(5, token=token, feedback="Quick!")
        answer = self.env["crm.feedback"].search([("case_id", "=", case.id)])
        self.assertRecordValues(
            answer,
            [
                {
                    "scale": "csat",
                    "score": 5,
                    "category": "satisfied",
                    "source": "rating",
                }
            ],
        )
        self.assertEqual(case.stage_kind, "solved")
        case.rating_apply(1, token=token, feedback="Broke again")
        self.assertEqual(answer.category, "dissatisfied")

    def test_a_rating_is_an_event_of_what_was_rated(self):
        case = self._create_case()
        case.action_solve()
        token = case._rating_get_access_token()
        self.assertEvents(self.customer, ["case_opened", "case_solved"])
        case.rating_apply(4, token=token, feedback="Quick!")
        codes = ["case_opened", "case_solved", "rating_given"]
        self.assertEvents(self.customer, codes)
        self._run_pipeline()
        self.assertIn(
            ("Rating given", case.display_name, "4 of 5: Quick!", "crm.case", case.id),
            self._read_timeline(self.agent),
        )
        case.rating_apply(2, token=token, feedback="Broke again")
        self.assertEvents(self.customer, codes)

    def test_ratings_of_unreadable_documents_are_not_on_the_timeline(self):
        case = self._create_case()
        case.action_solve()
        case.rating_apply(1, token=case._rating_get_access_token(), feedback="Secret")
        self._run_pipeline()
        self.assertTrue(self.env["rating.rating"].with_user(self.user).search([]))
        self.assertFalse(case.with_user(self.user).has_access("read"))
        shown = self._read_timeline(self.user)
        self.assertFalse([row for row in shown if row[0] == "Rating given"])

    def _read_timeline(self, user):
        profile = self._get_profile()
        page = self.profile.with_user(user).get_timeline(profile.id)
        names = ("label", "document", "detail", "res_model", "res_id")
        return [tuple(event[name] for name in names) for event in page["events"]]

    def test_a_copy_is_a_new_open_case(self):
        case = self._create_complaint()
        self._solve(case)
        copy = case.copy()
        self.assertNotEqual(copy.number, case.number)
        self.assertEqual(copy.stage_kind, "open")
        self.assertFalse(copy.date_closed or copy.date_responded)

    def _create_portal_user(self):
        user = self.env["res.users"].create(
            {
                "name": "Ada",
                "login": "ada_portal",
                "partner_id": self.customer.id,
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        return user

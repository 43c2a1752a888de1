from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmRoutingRule(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.routing.rule"].search([]).active = False
        cls.complaints = cls.env["crm.case.team"].create(
            {
                "name": "Complaints desk",
                "resource_calendar_id": cls.calendar.id,
                "member_ids": [(6, 0, (cls.agent | cls.other_agent).ids)],
            }
        )

    def _create_rule(self, **values):
        return self.env["crm.routing.rule"].create(
            {
                "name": "Complaints",
                "domain": '[("case_type", "=", "complaint")]',
                "team_id": self.complaints.id,
                "assignment": "round_robin",
                **values,
            }
        )

    def test_the_first_matching_rule_decides_and_says_so(self):
        self._create_rule(sequence=2, name="All", domain="[]", team_id=self.team.id)
        rule = self._create_rule(sequence=1)
        complaint, question = self._create_complaint(), self._create_case()
        self.assertEqual(complaint.routing_rule_id, rule)
        self.assertEqual(complaint.team_id, self.complaints)
        self.assertIn("Complaints", complaint.routing_note)
        self.assertIn(complaint.user_id.name, complaint.routing_note)
        self.assertEqual(question.team_id, self.team)

    def test_in_turn_gives_everybody_as_many(self):
        self._create_rule()
        cases = self.case.create(
            [
                {"name": f"Case {number}", "case_type": "complaint"}
                for number in range(7)
            ]
        )
        counts = [
            len(cases.filtered(lambda case, user=user: case.user_id == user))
            for user in (self.agent, self.other_agent)
        ]
        self.assertEqual(sorted(counts), [3, 4])
        users = [case.user_id for case in cases.sorted("id")]
        for one, next_one in zip(users, users[1:], strict=False):
            self.assertNotEqual(one, next_one)

    def test_the_turn_goes_on_from_case_to_case(self):
        self._create_rule()
        with freeze_time("2026-11-23 09:00:00"):
            first = self._create_complaint()
        with freeze_time("2026-11-23 10:00:00"):
            second = self._create_complaint()
        self.assertNotEqual(first.user_id, second.user_id)

    def test_the_least_loaded_agent_gets_the_case(self):
        self._create_rule(assignment="least_loaded")
        for _number in range(3):
            self._create_case(user_id=self.agent.id)
        case = self._create_complaint()
        self.assertEqual(case.user_id, self.other_agent)
        self.assertIn("fewest open cases: 0", case.routing_note)

    def test_solved_cases_are_no_load(self):
        self._create_rule(assignment="least_loaded")
        for _number in range(3):
            self._create_case(user_id=self.agent.id).action_solve()
        self._create_case(user_id=self.other_agent.id)
        self.assertEqual(self._create_complaint().user_id, self.agent)

    def test_a_rule_can_name_the_agents(self):
        self._create_rule(user_ids=[(6, 0, self.other_agent.ids)])
        users = {self._create_complaint().user_id for _number in range(3)}
        self.assertEqual(users, {self.other_agent})

    def test_without_a_rule_the_team_assigns(self):
        self.team.assignment = "least_loaded"
        case = self._create_case()
        self.assertTrue(case.user_id)
        self.assertIn("No routing rule matched", case.routing_note)

    def test_without_a_rule_and_a_team_the_first_queue_takes_it(self):
        first = self.env["crm.case.team"]._get_default(self.env.company)
        case = self.case.create({"name": "Where to?"})
        self.assertEqual(case.team_id, first)
        self.assertIn(first.name, case.routing_note)

    def test_by_hand_leaves_it_in_the_queue_and_says_so(self):
        case = self._create_case()
        self.assertFalse(case.user_id)
        self.assertIn("by hand", case.routing_note)

    def test_an_assigned_case_keeps_its_agent(self):
        self._create_rule()
        case = self._create_complaint(user_id=self.agent.id)
        self.assertEqual(case.user_id, self.agent)
        self.assertFalse(case.routing_rule_id)

    def test_archived_agents_get_nothing(self):
        self._create_rule()
        self.agent.active = False
        users = {self._create_complaint().user_id for _number in range(2)}
        self.assertEqual(users, {self.other_agent})

    def test_a_filter_that_cannot_be_read_is_refused(self):
        rule = self._create_rule()
        for values in (
            {"domain": "[('no_such_field', '=', 1)]"},
            {"domain": "[('name', '='"},
            {"profile_domain": "[('no_such_field', '=', 1)]"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                rule.write(values)

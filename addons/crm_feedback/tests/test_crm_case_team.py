from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCaseTeam(FeedbackCase):
    def test_counts_what_waits(self):
        self._create_case()
        self._create_case(user_id=self.agent.id, date_promised="2020-01-01 00:00:00")
        self._create_case().action_solve()
        self.assertRecordValues(
            self.team, [{"open_count": 2, "unassigned_count": 1, "late_count": 1}]
        )

    def test_the_address_opens_cases_of_the_team_s_type(self):
        self.team.case_type = "complaint"
        case = self._receive_mail()
        self.assertEqual(case.case_type, "complaint")
        self.assertEqual(case.team_id, self.team)
        self.assertEqual(case.company_id, self.team.company_id)

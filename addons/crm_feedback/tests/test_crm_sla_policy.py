from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmSlaPolicy(FeedbackCase):
    def test_the_first_matching_policy_applies(self):
        critical = self._create_policy(sequence=1, severity="3")
        complaints = self._create_policy(sequence=2, case_type="complaint")
        standard = self._create_policy(sequence=3)
        self.assertEqual(self._create_complaint(severity="3").sla_policy_id, critical)
        self.assertEqual(self._create_complaint().sla_policy_id, complaints)
        self.assertEqual(self._create_case().sla_policy_id, standard)

    def test_a_category_covers_those_below(self):
        parent = self.env["crm.case.category"].create({"name": "Goods"})
        child = self.env["crm.case.category"].create(
            {"name": "Chairs", "parent_id": parent.id}
        )
        policy = self._create_policy(category_ids=[(6, 0, parent.ids)])
        self.assertEqual(self._create_case(category_id=child.id).sla_policy_id, policy)
        self.assertFalse(self._create_case().sla_policy_id)

    def test_a_team_s_policy_stays_with_the_team(self):
        team = self.team.copy({"name": "Other desk"})
        policy = self._create_policy(team_id=team.id)
        self.assertFalse(self._create_case().sla_policy_id)
        self.assertEqual(self._create_case(team_id=team.id).sla_policy_id, policy)

    def test_a_raised_severity_changes_the_promise(self):
        critical = self._create_policy(sequence=1, severity="3", resolution_hours=8)
        self._create_policy(sequence=2)
        case = self._create_case()
        before = case.sla_status_ids.filtered(lambda s: s.target == "resolution")
        case.severity = "3"
        self.assertEqual(case.sla_policy_id, critical)
        after = case.sla_status_ids.filtered(lambda s: s.target == "resolution")
        self.assertEqual(after, before, "the clock goes on")
        self.assertEqual(after.hours, 8)

    def test_no_hours_is_no_promise(self):
        self._create_policy(first_response_hours=0)
        case = self._create_case()
        self.assertEqual(case.sla_status_ids.mapped("target"), ["resolution"])

    def test_a_filter_that_cannot_be_read_is_refused(self):
        policy = self._create_policy()
        for domain in ("[('no_such_field', '=', 1)]", "[('stage', '='"):
            with self.subTest(domain), self.assertRaises(ValidationError):
                policy.profile_domain = domain

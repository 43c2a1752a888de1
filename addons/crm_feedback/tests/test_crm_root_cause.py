from odoo.exceptions import UserError
from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmRootCause(FeedbackCase):
    def test_counts_complaints_apart(self):
        self._create_complaint(root_cause_id=self.cause.id)
        self._create_case(root_cause_id=self.cause.id)
        self.assertRecordValues(self.cause, [{"case_count": 2, "complaint_count": 1}])

    def test_the_name_shows_the_path(self):
        child = self.cause.create({"name": "Night", "parent_id": self.cause.id})
        self.assertEqual(child.display_name, "Picking / Night")

    def test_no_cause_is_below_itself(self):
        child = self.cause.create({"name": "Night", "parent_id": self.cause.id})
        with self.assertRaises(UserError):
            self.cause.parent_id = child

from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCorrectiveAction(FeedbackCase):
    def test_an_action_is_done_and_then_verified(self):
        action = (
            self.env["crm.corrective.action"]
            .with_user(self.agent)
            .create({"name": "Second check", "root_cause_id": self.cause.id})
        )
        self.assertEqual(action.user_id, self.agent)
        action.action_start()
        action.action_done()
        self.assertTrue(action.date_done)
        action.action_verify()
        self.assertEqual(action.state, "verified")
        self.assertEqual(self.cause.corrective_action_ids, action)

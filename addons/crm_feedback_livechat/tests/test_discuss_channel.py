from odoo.tests import tagged

from odoo.addons.crm_feedback.tests.feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestDiscussChannel(FeedbackCase):
    """An operator opens a case from a chat."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.group_ids |= cls.env.ref("im_livechat.im_livechat_group_user")
        cls.channel = cls.env["discuss.channel"].create(
            {
                "name": "Chat",
                "channel_type": "livechat",
                "livechat_operator_id": cls.agent.partner_id.id,
            }
        )
        cls.channel._add_members(partners=cls.customer | cls.agent.partner_id)
        cls.channel.message_post(
            author_id=cls.customer.id,
            body="My lamp is dark.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _run(self, body):
        before = self.case.search([])
        self.channel.with_user(self.agent).execute_command_case(body=body)
        return self.case.search([]) - before

    def test_a_case_with_what_was_said(self):
        case = self._run("/case Dark lamp")
        self.assertRecordValues(
            case,
            [
                {
                    "name": "Dark lamp",
                    "channel": "chat",
                    "partner_id": self.customer.id,
                    "user_id": self.agent.id,
                }
            ],
        )
        self.assertIn("My lamp is dark", case.description)

    def test_without_subject_it_asks_for_one(self):
        self.assertFalse(self._run("/case "))

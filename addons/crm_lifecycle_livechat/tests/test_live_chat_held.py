from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestLiveChatHeld(LifecycleCase):
    """A chat with a known customer is on his timeline, one with a stranger is not."""

    def _chat(self, **visitor):
        channel = self.env["discuss.channel"].create(
            {
                "name": "Chat",
                "channel_type": "livechat",
                "livechat_operator_id": self.env.user.partner_id.id,
            }
        )
        member = self.env["discuss.channel.member"].create(
            {
                "channel_id": channel.id,
                "livechat_member_type": "visitor",
                **visitor,
            }
        )
        self.env.flush_all()
        return member

    def test_chats_of_customers_only(self):
        self._chat(partner_id=self.customer.id)
        self._chat(guest_id=self.env["mail.guest"].create({"name": "Visitor"}).id)
        held = self.event_type.search([("code", "=", "live_chat_held")])
        for _sweep in range(2):
            held._insert_events(Domain.TRUE)
        events = self.event.search([("type_id", "=", held.id)])
        self.assertEqual(events.partner_id, self.customer)
        self.assertEqual(len(events), 1)

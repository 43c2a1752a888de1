from odoo import models
from odoo.tools import html2plaintext

COMMAND = "/case"


class DiscussChannel(models.Model):
    _inherit = "discuss.channel"

    def execute_command_case(self, **kwargs):
        """Open a case about the chat: ``/case What it is about``."""
        self.ensure_one()
        subject = html2plaintext(kwargs["body"]).strip().removeprefix(COMMAND).strip()
        if not self.env["crm.case"].has_access("create"):
            text = self.env._("Only service agents open cases.")
        elif not subject:
            text = self.env._("Say what it is about: /case The lamp is broken")
        else:
            case = self._open_case(subject)
            text = self.env._("Opened case %s", case._get_html_link())
        self.env.user._bus_send_transient_message(self, text)

    def _open_case(self, subject):
        customer = self._get_chat_customer()
        case = self.env["crm.case"].create(
            {
                "name": subject,
                "partner_id": customer.id,
                "channel": "chat",
                "user_id": self.env.uid,
                "description": self._get_channel_history(),
            }
        )
        case._acknowledge()
        return case

    def _get_chat_customer(self):
        """Return the visitor, if he is known and the only one."""
        members = self.with_context(active_test=False).channel_partner_ids
        customers = members.filtered("partner_share")
        if len(customers) != 1 or customers.is_public:
            return self.env["res.partner"]
        return customers

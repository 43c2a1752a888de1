from odoo import fields, models


class CrmCaseBounce(models.Model):
    """What we wrote did not arrive: the agent must know before he waits."""

    _inherit = "crm.case"

    date_bounced = fields.Datetime(
        "Answer Came Back on", readonly=True, copy=False, groups="base.group_user"
    )

    def _message_receive_bounce(self, email, partner):
        result = super()._message_receive_bounce(email, partner)
        for case in self:
            case.date_bounced = fields.Datetime.now()
            case._note(
                self.env._(
                    "The e-mail to %s could not be delivered. Call the customer, or "
                    "correct the address.",
                    email,
                )
            )
        return result

    def _follow_customer_reply(self):
        """Who writes can be reached."""
        self.filtered("date_bounced").date_bounced = False
        return super()._follow_customer_reply()

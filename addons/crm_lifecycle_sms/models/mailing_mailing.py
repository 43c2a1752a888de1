from odoo import models
from odoo.exceptions import UserError


class MailingMailing(models.Model):
    """Text messages that journeys send, one by one."""

    _inherit = "mailing.mailing"

    def _compose_to(self, res_ids):
        """The journey has asked the policies, as the sender it is: don't ask again."""
        if self.mailing_type != "sms":
            return super()._compose_to(res_ids)
        return self.action_send_sms(res_ids)

    def _send_sms_get_composer_values(self, res_ids):
        """Nothing leaves before the journey's transaction is sure of it."""
        values = super()._send_sms_get_composer_values(res_ids)
        if self.is_journey_message:
            values["mass_force_send"] = False
        return values

    def action_put_in_queue(self):
        self._check_not_of_step()
        return super().action_put_in_queue()

    def action_send_mail(self, res_ids=None):
        self._check_not_of_step()
        return super().action_send_mail(res_ids)

    def _check_not_of_step(self):
        """Sent by hand, it would go to everybody at once."""
        steps = self.env["crm.journey.step"].sudo()
        step = steps.search(
            [("kind", "=", "sms"), ("mailing_id", "in", self.ids)], limit=1
        )
        if step:
            raise UserError(
                self.env._(
                    "Journey %(journey)s sends this text message, at its step "
                    "%(step)s: start the journey instead.",
                    journey=step.journey_id.name,
                    step=step.name,
                )
            )

from odoo import models


class MailingMailing(models.Model):
    """Text messages of journeys may go to the same number again."""

    _inherit = "mailing.mailing"

    def _get_seen_list_sms(self):
        return ([], []) if self.is_journey_message else super()._get_seen_list_sms()

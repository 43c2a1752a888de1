from datetime import timedelta

from odoo import fields, models

PAUSE_PARAMETER = "crm_feedback.acknowledgement_pause"
# Minutes within which a sender gets one acknowledgement, whatever he sends.
DEFAULT_PAUSE = 10


class CrmCaseAcknowledgement(models.Model):
    """A sender is not acknowledged twice in a short time: he may be a machine."""

    _inherit = "crm.case"

    def _can_be_acknowledged(self):
        if not super()._can_be_acknowledged():
            return False
        if self.channel != "email" or not self._was_just_acknowledged():
            return True
        self._note(
            self.env._(
                "Not acknowledged: the sender got an acknowledgement a few minutes ago."
            )
        )
        return False

    def _was_just_acknowledged(self):
        minutes = int(
            self.env["ir.config_parameter"]
            .sudo()
            .get_param(PAUSE_PARAMETER, DEFAULT_PAUSE)
        )
        since = fields.Datetime.now() - timedelta(minutes=minutes)
        domain = [
            ("partner_id", "=", self.partner_id.id),
            ("channel", "=", "email"),
            ("date_acknowledged", ">", since),
            ("id", "!=", self.id),
        ]
        return bool(minutes) and bool(self.sudo().search_count(domain, limit=1))

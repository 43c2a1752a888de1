from datetime import timedelta

from odoo import models

from ..service_clock import elapsed


class CrmSlaStatusTimeLeft(models.Model):
    """The working time that is left until a target is missed."""

    _inherit = "crm.sla.status"

    def _get_hours_left(self, calendar, now):
        """Return the working hours left of each target (dict)."""
        start = min(self.mapped("date_start"))
        working_time = self._read_working_time(calendar, start, now)
        return {
            status: status.hours
            - elapsed(working_time, status.date_start, now, status._get_pauses())
            / timedelta(hours=1)
            for status in self
        }

    def _judge_time_left(self, hours, now):
        if hours < 0:
            return "late"
        if not self.deadline:
            return "paused"
        warned = self.date_warning and self.date_warning <= now
        return "soon" if warned else "good"

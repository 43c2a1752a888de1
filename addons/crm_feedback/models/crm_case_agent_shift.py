from datetime import timedelta

from odoo import fields, models


class CrmCaseAgentShift(models.Model):
    """When an agent works."""

    _inherit = "crm.case.agent"

    def _get_shifts(self, start=None, stop=None):
        """Return the shifts of an agent: list of (start, stop) in UTC, or None for any
        time; by default those around now.
        """
        self.ensure_one()
        calendar = self.resource_calendar_id
        if not calendar:
            return None
        start = start or fields.Datetime.now()
        stop = stop or start + timedelta(minutes=1)
        return self.env["crm.sla.status"]._get_intervals(calendar.sudo(), start, stop)

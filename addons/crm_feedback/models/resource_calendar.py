from odoo import models
from odoo.fields import Domain


class ResourceCalendar(models.Model):
    """A change of working hours moves the promises that are counted in them."""

    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"name", "active"}:
            self._move_promises_later()
        return result

    def _move_promises_later(self):
        """Move the promises once, at the end: lines are written one by one."""
        precommit = self.env.cr.precommit
        key = "crm_feedback.calendar_ids"
        if key not in precommit.data:
            precommit.data[key] = set()
            precommit.add(self.browse()._move_promises)
        precommit.data[key].update(self.ids)

    def _move_promises(self):
        calendar_ids = self.env.cr.precommit.data.pop("crm_feedback.calendar_ids", ())
        calendars = self.sudo().browse(calendar_ids).exists()
        self.env["crm.case"]._refresh_service_levels(
            Domain("sla_policy_id.resource_calendar_id", "in", calendars.ids)
            | Domain("team_id.resource_calendar_id", "in", calendars.ids)
            | Domain("company_id.resource_calendar_id", "in", calendars.ids)
        )

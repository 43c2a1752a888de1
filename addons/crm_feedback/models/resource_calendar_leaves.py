from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    """A public holiday is nobody's working time: it moves promises."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._get_closed_calendars()._move_promises_later()
        return leaves

    def write(self, vals):
        calendars = self._get_closed_calendars()
        result = super().write(vals)
        (calendars | self._get_closed_calendars())._move_promises_later()
        return result

    def unlink(self):
        calendars = self._get_closed_calendars()
        result = super().unlink()
        calendars._move_promises_later()
        return result

    def _get_closed_calendars(self):
        """Return the calendars that the holidays close; absences of one close none."""
        holidays = self.filtered(lambda leave: not leave.resource_id)
        calendars = holidays.calendar_id
        anywhere = holidays.filtered(lambda leave: not leave.calendar_id)
        if anywhere:
            calendars |= calendars.search(
                [("company_id", "in", [False, *anywhere.company_id.ids])]
            )
        return calendars

from odoo import api, models


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.calendar_id._move_promises_later()
        return lines

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        (calendars | self.calendar_id)._move_promises_later()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars._move_promises_later()
        return result

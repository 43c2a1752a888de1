from odoo import api, fields, models


class CrmCaseTimeLeft(models.Model):
    """How much working time is left until a promise of the case is broken."""

    _inherit = "crm.case"

    hours_left = fields.Float(
        compute="_compute_hours_left",
        compute_sudo=True,
        groups="base.group_user",
        help="Working hours until the next promise is broken; less than zero: it is "
        "late by so much. It stands still while the case waits for the customer.",
    )
    time_left_state = fields.Selection(
        [
            ("none", "Nothing promised"),
            ("good", "In time"),
            ("soon", "Soon late"),
            ("late", "Late"),
            ("paused", "Paused"),
        ],
        "Time Left",
        compute="_compute_hours_left",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends(
        "date_closed",
        "sla_status_ids.deadline",
        "sla_status_ids.date_reached",
        "sla_status_ids.date_warning",
    )
    def _compute_hours_left(self):
        now = fields.Datetime.now()
        self.hours_left, self.time_left_state = 0.0, "none"
        open_cases = self.filtered(lambda case: not case.date_closed)
        owed = open_cases.sla_status_ids.filtered(lambda each: not each.date_reached)
        left = {}
        for calendar, statuses in owed.grouped(owed._get_calendar).items():
            left.update(statuses._get_hours_left(calendar, now))
        for case, statuses in owed.grouped("case_id").items():
            first = min(statuses, key=left.get)
            case.hours_left = left[first]
            case.time_left_state = first._judge_time_left(left[first], now)

from datetime import datetime, time, timedelta

from pytz import timezone, utc

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..service_clock import find_free_slots

DAYS_AHEAD = 14
SLOTS_EACH = 6
STEP = timedelta(minutes=30)


class CrmCaseDispatch(models.TransientModel):
    """Find when a technician and the customer both have time, and send him."""

    _name = "crm.case.dispatch"
    _description = "Plan a Visit"

    case_id = fields.Many2one("crm.case", required=True)
    date_from = fields.Date(
        "Not Before", required=True, default=fields.Date.context_today
    )
    duration = fields.Float("Hours", required=True, default=1)
    user_ids = fields.Many2many(
        "res.users",
        string="Technicians",
        domain="[('share', '=', False)]",
        compute="_compute_user_ids",
        store=True,
        readonly=False,
    )
    slot_ids = fields.One2many(
        "crm.case.dispatch.slot",
        "dispatch_id",
        "Free Times",
        readonly=True,
    )
    instructions = fields.Text()

    @api.depends("case_id")
    def _compute_user_ids(self):
        for wizard in self:
            team = wizard.case_id.team_id
            wizard.user_ids = wizard.user_ids or team.member_ids or self.env.user

    def action_search(self):
        """Look for free times and show them."""
        self.ensure_one()
        if self.duration <= 0:
            raise UserError(self.env._("Enter how long the visit takes."))
        self.slot_ids.unlink()
        self.slot_ids = [
            Command.create({"user_id": user.id, "date_start": start})
            for start, user in self._find_slots()
        ]
        # The times must be saved before one of them can be chosen.
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan a Visit"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _find_slots(self):
        """Return start and technician of free times, the earliest first."""
        self.ensure_one()
        length = timedelta(hours=self.duration)
        working = self._get_working_time()
        customer = self.case_id.partner_id
        slots = []
        for user in self.user_ids:
            busy = self._get_busy_time(user.partner_id | customer)
            starts = find_free_slots(working, busy, length, STEP, SLOTS_EACH)
            slots += [(start, user) for start in starts]
        return sorted(slots, key=lambda slot: (slot[0], slot[1].name))

    def _get_period(self):
        calendar = self.case_id._get_calendar()
        zone = timezone(calendar.tz or "UTC")
        start = zone.localize(datetime.combine(self.date_from, time.min))
        start = max(start, utc.localize(fields.Datetime.now()))
        return start, start + timedelta(days=DAYS_AHEAD)

    def _get_working_time(self):
        """Return the working hours of the case's team, in UTC without zone."""
        calendar = self.case_id._get_calendar()
        start, stop = self._get_period()
        intervals = calendar._work_intervals_batch(start, stop)[False]
        return [
            (self._round_up(begin), end.astimezone(utc).replace(tzinfo=None))
            for begin, end, _attendance in intervals
        ]

    @api.model
    def _round_up(self, moment):
        """Return the next full or half hour."""
        moment = moment.astimezone(utc).replace(tzinfo=None)
        past = timedelta(
            minutes=moment.minute % 30,
            seconds=moment.second,
            microseconds=moment.microsecond,
        )
        return moment + (STEP - past) if past else moment

    def _get_busy_time(self, partners):
        """Return when one of the people is taken, whoever may read why."""
        start, stop = (
            moment.astimezone(utc).replace(tzinfo=None) for moment in self._get_period()
        )
        events = (
            self.env["calendar.event"]
            .sudo()
            .search(
                [
                    ("partner_ids", "in", partners.ids),
                    ("show_as", "=", "busy"),
                    ("start", "<", stop),
                    ("stop", ">", start),
                ]
            )
        )
        return [(event.start, event.stop) for event in events]

    def _check_free(self, slot):
        """Somebody else may have taken the time meanwhile."""
        stop = slot.date_start + timedelta(hours=self.duration)
        busy = self._get_busy_time(slot.user_id.partner_id | self.case_id.partner_id)
        if any(since < stop and until > slot.date_start for since, until in busy):
            raise UserError(self.env._("This time was taken just now. Choose another."))

from collections import defaultdict
from datetime import timedelta

from pytz import utc

from odoo import api, fields, models

from ..service_clock import WorkingTime, deadline

# Working time is read in windows of this many days from the first start, doubled
# while a deadline lies beyond, up to the 1,400 days that stock's plan_hours looks at.
WINDOW_DAYS = 30
WINDOW_DAYS_MAX = 1400


class CrmSlaStatus(models.Model):
    """A target of a case: what was promised, until when, and whether it was kept."""

    _name = "crm.sla.status"
    _description = "Service Level Target"
    _order = "case_id, target"
    _rec_name = "case_id"

    case_id = fields.Many2one("crm.case", required=True, index=True, ondelete="cascade")
    policy_id = fields.Many2one(
        "crm.sla.policy", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    team_id = fields.Many2one(related="case_id.team_id", store=True, index=True)
    user_id = fields.Many2one(related="case_id.user_id", store=True)
    target = fields.Selection(
        [
            ("acknowledgement", "Acknowledgement"),
            ("first_response", "First Answer"),
            ("next_response", "Next Answer"),
            ("resolution", "Solution"),
        ],
        required=True,
    )
    hours = fields.Float("Promised Working Hours", required=True)
    date_start = fields.Datetime("Started on", required=True)
    deadline = fields.Datetime(
        help="Empty while the clock stands still: the case waits for the customer."
    )
    date_warning = fields.Datetime(
        "Warning on", help="When most of the promised time is used up."
    )
    date_reached = fields.Datetime("Reached on")
    state = fields.Selection(
        [
            ("running", "Running"),
            ("paused", "Paused"),
            ("reached", "Reached"),
            ("failed", "Failed"),
        ],
        required=True,
        default="running",
        index=True,
    )

    # Each message of the customer that waits is promised an answer of its own.
    _target_uniq = models.UniqueIndex(
        "(case_id, target, (CASE target WHEN 'next_response' THEN date_start END)) "
        "NULLS NOT DISTINCT",
        "A case has each target only once.",
    )
    _sweep_idx = models.Index("(deadline) WHERE state = 'running'")

    @api.model
    def _follow(self, cases):
        """Bring the targets of the cases in line with policy, calendar and facts."""
        statuses = self._match_targets(cases)
        for calendar, members in statuses.grouped(self._get_calendar).items():
            working_time = members._get_working_time(calendar)
            for status in members:
                status._set_clock(working_time)

    @api.model
    def _match_targets(self, cases):
        """Give each case a status per target of its policy; return the statuses."""
        existing = {
            status._get_key(): status
            for status in self.search([("case_id", "in", cases.ids)])
        }
        promised = self._get_promised(cases, existing.values())
        stale = [existing[key].id for key in existing.keys() - promised.keys()]
        self.browse(stale).unlink()
        for key in existing.keys() & promised.keys():
            existing[key]._write_changes(promised[key])
        new = self.create([promised[key] for key in promised if key not in existing])
        kept = [existing[key].id for key in existing.keys() & promised.keys()]
        return self.browse(kept) | new

    def _get_key(self):
        """Return what tells this target from the others: its case, kind and wait."""
        self.ensure_one()
        wait = self.date_start if self.target == "next_response" else False
        return self.case_id, self.target, wait

    @api.model
    def _get_promised(self, cases, existing):
        """Return the values of each target that is promised (dict by key)."""
        waits = defaultdict(dict)
        for status in existing:
            if status.target == "next_response" and status.date_reached:
                waits[status.case_id][status.date_start] = status.date_reached
        promised = {}
        for case in cases.filtered("sla_policy_id"):
            for target, hours in case.sla_policy_id._get_targets().items():
                spans = case._get_target_spans(target, waits[case])
                for start, reached in spans:
                    wait = start if target == "next_response" else False
                    promised[case, target, wait] = self._prepare_values(
                        case, target, hours, start, reached
                    )
        return promised

    @api.model
    def _prepare_values(self, case, target, hours, start, reached):
        return {
            "case_id": case.id,
            "policy_id": case.sla_policy_id.id,
            "target": target,
            "hours": hours,
            "date_start": start,
            "date_reached": reached,
        }

    def _write_changes(self, values):
        """Write only what differs: most statuses stay as they are."""
        now = self._convert_to_write({name: self[name] for name in values})
        changes = {name: value for name, value in values.items() if now[name] != value}
        if changes:
            self.write(changes)

    @api.model
    def _get_calendar(self, status):
        return status.policy_id.resource_calendar_id or status.case_id._get_calendar()

    # ------------------------------------------------------------
    # Clock
    # ------------------------------------------------------------

    def _set_clock(self, working_time):
        """Set deadline and state by the facts of the case."""
        self.ensure_one()
        pauses = self._get_pauses()
        moment, warning = (
            deadline(
                working_time,
                self.date_start,
                timedelta(hours=self.hours * share),
                pauses,
            )
            for share in (1, self._get_warning_share())
        )
        moment = moment and moment.replace(microsecond=0)
        warning = warning and warning.replace(microsecond=0)
        self._write_changes(
            {
                "deadline": moment or False,
                "date_warning": warning or False,
                "state": self._judge(moment),
            }
        )
        self._plan_escalation(working_time)

    def _get_pauses(self):
        """Return when the clock of this target stood still."""
        pauses = [
            (pause.date_from, pause.date_to or None) for pause in self.case_id.pause_ids
        ]
        if self.date_reached:
            # What came after the fact does not move the deadline it met.
            pauses = [pause for pause in pauses if pause[0] < self.date_reached]
        return pauses

    def _get_warning_share(self):
        return self.company_id.crm_sla_warning_percent / 100

    def _judge(self, moment):
        """Return the state, given the deadline (None: the clock stands still)."""
        if self.date_reached:
            on_time = not moment or self.date_reached <= moment
            return "reached" if on_time else "failed"
        if not moment:
            return "paused"
        return "failed" if moment < fields.Datetime.now() else "running"

    def _get_working_time(self, calendar):
        """Return the working time that reaches beyond every deadline.

        One reading of the calendar serves all statuses; it is the reading that
        stock's ``plan_hours`` makes for each call.
        """
        starts = self.mapped("date_start")
        stops = self.case_id.pause_ids.filtered("date_to").mapped("date_to")
        start, latest = min(starts), max(starts + stops)
        needed = timedelta(hours=max(self.mapped("hours")))
        days = WINDOW_DAYS
        while True:
            stop = latest + timedelta(days=days)
            working_time = self._read_working_time(calendar, start, stop)
            if working_time.worked(latest, stop) >= needed or days >= WINDOW_DAYS_MAX:
                return working_time
            days = min(days * 2, WINDOW_DAYS_MAX)

    @api.model
    def _read_working_time(self, calendar, start, stop):
        return WorkingTime(self._get_intervals(calendar, start, stop))

    @api.model
    def _get_intervals(self, calendar, start, stop):
        """Return the calendar's working intervals, leaves taken out, in naive UTC."""
        intervals = calendar._work_intervals_batch(
            start.replace(tzinfo=utc), stop.replace(tzinfo=utc)
        )[False]
        return [
            (
                begin.astimezone(utc).replace(tzinfo=None),
                end.astimezone(utc).replace(tzinfo=None),
            )
            for begin, end, _meta in intervals
        ]

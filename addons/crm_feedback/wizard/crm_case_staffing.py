from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..contact_centre import agents_needed, forecast_next, forecast_slots

# Weeks whose hours say how a week is shared out.
PROFILE_WEEKS = 13


class CrmCaseStaffing(models.TransientModel):
    """Contacts to expect next week by weekday and hour, and the agents they need."""

    _name = "crm.case.staffing"
    _description = "Staffing"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    team_id = fields.Many2one(
        "crm.case.team",
        domain="[('company_id', '=', company_id)]",
        help="Leave empty for all teams.",
    )
    channel = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["channel"].selection,
        help="Leave empty for all channels.",
    )
    weeks = fields.Integer("Weeks of the Past", required=True, default=52)
    handling_minutes = fields.Float(
        "Minutes per Contact",
        required=True,
        default=lambda self: self._default_handling_minutes(),
        help="As the agents' timer measured in the last 90 days, else 6.",
    )
    target_percent = fields.Float("Answered in Time (%)", required=True, default=80)
    target_seconds = fields.Integer("Within Seconds", required=True, default=20)
    shrinkage_percent = fields.Float(
        "Not at Work (%)",
        help="Breaks, training, illness: so much more people are to be planned.",
    )
    week_mean = fields.Float("Expected Contacts", readonly=True, digits=(16, 0))
    week_low = fields.Float("At Least", readonly=True, digits=(16, 0))
    week_high = fields.Float("At Most", readonly=True, digits=(16, 0))
    line_ids = fields.One2many("crm.case.staffing.line", "staffing_id")

    _target_reachable = models.Constraint(
        "CHECK (target_percent >= 0 AND target_percent < 100)",
        "Nobody can answer everybody at once: ask for less than 100 %.",
    )
    _shrinkage_share = models.Constraint(
        "CHECK (shrinkage_percent >= 0 AND shrinkage_percent < 100)",
        "Somebody has to be at work: give less than 100 %.",
    )
    _handling_positive = models.Constraint(
        "CHECK (handling_minutes > 0 AND weeks > 0)",
        "A contact takes time, and the past has weeks.",
    )

    @api.model
    def _default_handling_minutes(self):
        since = fields.Datetime.now() - timedelta(days=90)
        [(hours,)] = self.env["crm.case"]._read_group(
            [("date_closed", ">=", since), ("handling_hours", ">", 0)],
            [],
            ["handling_hours:avg"],
        )
        return round((hours or 0.1) * 60, 1)

    def action_compute(self):
        """Compute the lines and show them as a graph."""
        self.ensure_one()
        rows = self._get_counts()
        series = self._get_weeks(rows)
        if not series:
            raise UserError(
                self.env._(
                    "No contact came in these weeks: choose another team or span."
                )
            )
        week = forecast_next(series)
        self.write(
            {
                "week_mean": week.mean,
                "week_low": week.low,
                "week_high": week.high,
                "line_ids": [Command.clear()]
                + [
                    Command.create(self._prepare_line(*slot, forecast))
                    for slot, forecast in forecast_slots(
                        series, self._get_slots(rows)
                    ).items()
                    if forecast.mean
                ],
            }
        )
        return self._get_lines_action()

    def _prepare_line(self, weekday, hour, forecast):
        return {
            "weekday": weekday,
            "hour": hour,
            "expected": forecast.mean,
            "low": forecast.low,
            "high": forecast.high,
            "agents": self._get_agents(forecast.mean),
            "agents_high": self._get_agents(forecast.high),
        }

    def _get_agents(self, contacts):
        """Return how many people to plan for contacts per hour."""
        agents = agents_needed(
            contacts,
            self.handling_minutes,
            self.target_seconds,
            self.target_percent / 100,
        )
        return -int(-agents / (1 - self.shrinkage_percent / 100) // 1)

    # ------------------------------------------------------------
    # Past
    # ------------------------------------------------------------

    def _get_last_week(self):
        """Return the Monday of the last whole week."""
        today = fields.Date.context_today(self)
        return today - timedelta(days=today.weekday() + 7)

    def _get_first_week(self):
        return self._get_last_week() - timedelta(weeks=self.weeks - 1)

    def _get_counts(self):
        """Return (Monday, weekday, hour, cases) of the whole weeks, in local time."""
        report = self.env["crm.case.report"]
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date_received", ">=", self._get_first_week() - timedelta(days=1)),
        ]
        if self.team_id:
            domain.append(("team_id", "=", self.team_id.id))
        if self.channel:
            domain.append(("channel", "=", self.channel))
        query = report._search(domain)
        local = SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)",
            report._field_to_sql(query.table, "date_received", query),
            self.env.user.tz or "UTC",
        )
        slot = [
            SQL("date_trunc('week', %s)::date", local),
            report._field_to_sql(query.table, "weekday", query),
            report._field_to_sql(query.table, "hour", query),
        ]
        rows = self.env.execute_query(
            SQL("%s GROUP BY 1, 2, 3", query.select(*slot, SQL("COUNT(*)")))
        )
        first, last = self._get_first_week(), self._get_last_week()
        return [row for row in rows if first <= row[0] <= last]

    def _get_weeks(self, rows):
        """Return the cases per week from the first week with any."""
        by_week = {}
        for week, _weekday, _hour, count in rows:
            by_week[week] = by_week.get(week, 0) + count
        if not by_week:
            return []
        weeks = (self._get_last_week() - min(by_week)).days // 7 + 1
        return [
            by_week.get(min(by_week) + timedelta(weeks=number), 0)
            for number in range(weeks)
        ]

    def _get_slots(self, rows):
        """Return the cases of the last weeks by weekday and hour."""
        since = self._get_last_week() - timedelta(weeks=PROFILE_WEEKS - 1)
        counts = {}
        for week, weekday, hour, count in rows:
            if week >= since:
                counts[weekday, hour] = counts.get((weekday, hour), 0) + count
        return counts

    def _get_lines_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "Staffing: %(mean).0f contacts next week (%(low).0f to %(high).0f)",
                mean=self.week_mean,
                low=self.week_low,
                high=self.week_high,
            ),
            "res_model": "crm.case.staffing.line",
            "views": [(False, "graph"), (False, "pivot"), (False, "list")],
            "domain": [("staffing_id", "=", self.id)],
        }

from odoo import fields, models
from odoo.tools import SQL


class CrmCaseReport(models.Model):
    """The measures of service: one row per case, to be counted by anything.

    Hours and weekdays are those of the team's working time. Rates are given as
    percentages of the cases that have them, so that averages of groups are right.
    """

    _name = "crm.case.report"
    _description = "Service Measures"
    _auto = False
    _order = "date_received desc"
    _rec_name = "case_id"
    _depends = {
        "crm.case": [
            "active",
            "answer_count",
            "case_type",
            "category_id",
            "channel",
            "company_id",
            "date_closed",
            "date_received",
            "date_responded",
            "handling_hours",
            "partner_id",
            "reopen_count",
            "severity",
            "stage_kind",
            "team_id",
            "user_id",
        ],
        "crm.sla.status": ["case_id", "state"],
        "crm.feedback": ["case_id", "scale", "score"],
        "crm.case.team": ["resource_calendar_id"],
        "resource.calendar": ["tz"],
    }

    case_id = fields.Many2one("crm.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("crm.case.team", readonly=True)
    user_id = fields.Many2one("res.users", "Agent", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    category_id = fields.Many2one("crm.case.category", readonly=True)
    case_type = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["case_type"].selection,
        string="Type",
        readonly=True,
    )
    channel = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["channel"].selection,
        readonly=True,
    )
    severity = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["severity"].selection,
        readonly=True,
    )
    stage_kind = fields.Selection(
        selection=lambda self: self.env["crm.case.stage"]._fields["kind"].selection,
        string="Stage",
        readonly=True,
    )
    date_received = fields.Datetime("Received on", readonly=True)
    date_closed = fields.Datetime("Closed on", readonly=True)
    weekday = fields.Selection(
        [
            ("1", "Monday"),
            ("2", "Tuesday"),
            ("3", "Wednesday"),
            ("4", "Thursday"),
            ("5", "Friday"),
            ("6", "Saturday"),
            ("7", "Sunday"),
        ],
        readonly=True,
    )
    hour = fields.Selection(
        [(f"{hour:02d}", f"{hour:02d}:00") for hour in range(24)],
        "Hour of Day",
        readonly=True,
    )
    case_count = fields.Integer("Cases", readonly=True)
    first_response_hours = fields.Float(
        "Hours to First Answer", readonly=True, aggregator="avg", digits=(16, 1)
    )
    resolution_hours = fields.Float(
        "Hours to Solution", readonly=True, aggregator="avg", digits=(16, 1)
    )
    handling_hours = fields.Float(
        "Handling Time",
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Hours by the agents' timer, of the cases that have any.",
    )
    backlog_days = fields.Float(
        "Age of Open Cases (Days)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    first_contact_percent = fields.Float(
        "Solved at First Contact (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Solved with one answer at most and never reopened.",
    )
    reopen_percent = fields.Float(
        "Reopened (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Of the cases that were closed at least once.",
    )
    kept_percent = fields.Float(
        "Service Level Kept (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Cases of which no promise was broken, of those whose promises are "
        "decided.",
    )
    satisfaction = fields.Float(
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Mean of the answers on a scale from 1 to 5.",
    )

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    @property
    def _table_query(self):
        return SQL("SELECT %s FROM %s WHERE k.active", self._select(), self._from())

    def _select(self):
        return SQL(
            """
            k.id, k.id AS case_id, k.company_id, k.team_id, k.user_id, k.partner_id,
            k.category_id, k.case_type, k.channel, k.severity, k.stage_kind,
            k.date_received, k.date_closed,
            EXTRACT(isodow FROM local.moment)::int::text AS weekday,
            to_char(local.moment, 'HH24') AS hour,
            1 AS case_count,
            EXTRACT(epoch FROM k.date_responded - k.date_received) / 3600
                AS first_response_hours,
            CASE WHEN k.stage_kind = 'solved'
                 THEN EXTRACT(epoch FROM k.date_closed - k.date_received) / 3600 END
                AS resolution_hours,
            NULLIF(k.handling_hours, 0) AS handling_hours,
            CASE WHEN k.stage_kind IN ('open', 'waiting')
                 THEN EXTRACT(epoch FROM (now() AT TIME ZONE 'UTC') - k.date_received)
                      / 86400 END AS backlog_days,
            CASE WHEN k.stage_kind = 'solved'
                 THEN CASE WHEN COALESCE(k.reopen_count, 0) = 0
                            AND COALESCE(k.answer_count, 0) <= 1
                           THEN 100.0 ELSE 0.0 END END AS first_contact_percent,
            CASE WHEN k.stage_kind = 'solved' OR k.reopen_count > 0
                 THEN CASE WHEN k.reopen_count > 0 THEN 100.0 ELSE 0.0 END END
                AS reopen_percent,
            promise.kept_percent, answer.satisfaction
            """
        )

    def _from(self):
        return SQL(
            """
            crm_case k
            LEFT JOIN crm_case_team team ON team.id = k.team_id
            LEFT JOIN resource_calendar calendar
              ON calendar.id = team.resource_calendar_id
            CROSS JOIN LATERAL (
                SELECT k.date_received AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(calendar.tz, 'UTC') AS moment) local
            LEFT JOIN (
                SELECT case_id,
                       CASE WHEN bool_or(state = 'failed') THEN 0.0
                            WHEN bool_and(state = 'reached') THEN 100.0 END
                           AS kept_percent
                  FROM crm_sla_status GROUP BY case_id) promise
              ON promise.case_id = k.id
            LEFT JOIN (
                SELECT case_id, AVG(score) AS satisfaction
                  FROM crm_feedback WHERE scale = 'csat' GROUP BY case_id) answer
              ON answer.case_id = k.id
            """
        )

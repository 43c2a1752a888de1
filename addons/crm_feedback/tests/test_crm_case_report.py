from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCaseReport(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.tz = "UTC"
        cls._create_policy(first_response_hours=0, resolution_hours=4)
        with freeze_time("2026-11-23 09:00:00"):
            cls.quick, cls.slow, cls.open_case = (
                cls._create_case(user_id=cls.agent.id, channel=channel)
                for channel in ("email", "phone", "phone")
            )
        with freeze_time("2026-11-23 10:00:00"):
            cls._answer(cls.quick)
            cls.quick.action_solve()
            cls._answer(cls.slow)
        with freeze_time("2026-11-23 11:00:00"):
            cls._answer(cls.slow)
            cls.slow.action_solve()
            cls.slow.action_reopen()
        with freeze_time("2026-11-25 11:00:00"):
            cls.slow.action_solve()
        cls._create_answers(4, scale="csat", case_id=cls.quick.id)
        cls._create_answers(1, scale="csat", case_id=cls.slow.id)
        cls.env.flush_all()

    def _read(self, *measures, groupby=()):
        return self.env["crm.case.report"]._read_group(
            [("team_id", "=", self.team.id)], groupby, measures
        )

    def _query(self, sql):
        self.env.cr.execute(sql, [self.team.id])
        return self.env.cr.fetchone()

    def test_measures_are_those_of_plain_sql(self):
        [figures] = self._read(
            "case_count:sum",
            "first_response_hours:avg",
            "resolution_hours:avg",
            "first_contact_percent:avg",
            "reopen_percent:avg",
            "kept_percent:avg",
            "satisfaction:avg",
        )
        expected = self._query(
            """
            SELECT count(*),
                   avg(extract(epoch from date_responded - date_received) / 3600),
                   avg(extract(epoch from date_closed - date_received) / 3600)
                       FILTER (WHERE stage_kind = 'solved')
              FROM crm_case WHERE team_id = %s AND active
            """
        )
        self.assertEqual(figures[0], expected[0])
        self.assertAlmostEqual(figures[1], float(expected[1]))
        self.assertAlmostEqual(figures[2], float(expected[2]))
        # One of two solved ones at once, one of two reopened, one of two in time.
        self.assertEqual(figures[3:6], (50, 50, 50))
        self.assertEqual(figures[6], 2.5)

    def test_reopen_and_first_contact_agree_with_sql(self):
        [(first_contact, reopened)] = self._read(
            "first_contact_percent:avg", "reopen_percent:avg"
        )
        expected = self._query(
            """
            SELECT 100.0 * count(*) FILTER (WHERE COALESCE(reopen_count, 0) = 0
                                                AND answer_count = 1)
                   / count(*),
                   100.0 * count(*) FILTER (WHERE reopen_count > 0) / count(*)
              FROM crm_case WHERE team_id = %s AND stage_kind = 'solved'
            """
        )
        self.assertAlmostEqual(first_contact, float(expected[0]))
        self.assertAlmostEqual(reopened, float(expected[1]))

    def test_volume_by_channel_hour_and_weekday(self):
        rows = self._read("case_count:sum", groupby=["channel", "hour", "weekday"])
        self.assertEqual(
            sorted(rows), [("email", "09", "1", 1), ("phone", "09", "1", 2)]
        )

    def test_hours_are_those_of_the_team(self):
        self.calendar.tz = "Asia/Tokyo"
        rows = self._read("case_count:sum", groupby=["hour"])
        self.assertEqual(rows, [("18", 3)])

    def test_the_age_of_the_backlog_is_that_of_open_cases(self):
        [(age,)] = self._read("backlog_days:avg")
        (expected,) = self._query(
            """
            SELECT extract(epoch from (now() at time zone 'UTC') - date_received)
                   / 86400
              FROM crm_case WHERE team_id = %s AND stage_kind = 'open'
            """
        )
        self.assertAlmostEqual(age, float(expected))

    def test_an_agent_reads_the_measures(self):
        rows = self.env["crm.case.report"].with_user(self.agent)
        self.assertTrue(rows.search([("team_id", "=", self.team.id)]))

    # ------------------------------------------------------------
    # Timer
    # ------------------------------------------------------------

    def test_the_timer_measures_one_case_at_a_time(self):
        first, second = self.open_case, self._create_case()
        as_agent = {case: case.with_user(self.agent) for case in (first, second)}
        with freeze_time("2026-11-24 09:00:00"):
            as_agent[first].action_start_timer()
            self.assertTrue(as_agent[first].is_timer_running)
        with freeze_time("2026-11-24 09:30:00"):
            as_agent[second].action_start_timer()
        self.assertFalse(as_agent[first].is_timer_running)
        with freeze_time("2026-11-24 10:30:00"):
            as_agent[second].action_solve()
        self.assertEqual((first.handling_hours, second.handling_hours), (0.5, 1))

    # ------------------------------------------------------------
    # Staffing
    # ------------------------------------------------------------

    def _plan(self, **values):
        return (
            self.env["crm.case.staffing"]
            .with_user(self.service_manager)
            .create({"team_id": self.team.id, "handling_minutes": 6, **values})
        )

    def test_the_staff_of_the_next_week(self):
        self.case.create(
            [
                {
                    "name": f"Call {week} {number}",
                    "team_id": self.team.id,
                    "channel": "phone",
                    "date_received": f"2026-{month_day} 09:{number % 60:02d}:00",
                }
                for week, month_day in enumerate(("11-02", "11-09", "11-16"))
                for number in range(40)
            ]
        )
        staffing = self._plan(channel="phone", target_percent=80)
        with freeze_time("2026-11-24 12:00:00"):
            staffing.action_compute()
        self.assertAlmostEqual(staffing.week_mean, 40)
        line = staffing.line_ids
        self.assertEqual((line.weekday, line.hour), ("1", "09"))
        self.assertAlmostEqual(line.expected, 40)
        # 40 calls of 6 minutes are 4 erlangs: 7 agents answer 87 % in 20 seconds.
        self.assertEqual(line.agents, 7)
        self.assertGreater(line.agents_high, line.agents)
        staffing.shrinkage_percent = 30
        with freeze_time("2026-11-24 12:00:00"):
            staffing.action_compute()
        self.assertEqual(staffing.line_ids.agents, 10)

    def test_without_a_past_there_is_no_plan(self):
        team = self.team.copy({"name": "New desk"})
        with self.assertRaises(UserError):
            self._plan(team_id=team.id).action_compute()

    # ------------------------------------------------------------
    # Board
    # ------------------------------------------------------------

    def test_the_board_shows_what_is_owed_and_by_whom(self):
        self.env["crm.case.agent"].create({"user_id": self.agent.id, "capacity": 4})
        with freeze_time("2026-11-23 12:30:00"):
            team = self.team.with_user(self.agent)
            self.assertEqual((team.open_count, team.due_soon_count), (1, 0))
            ann = team.board_agents[0]
        self.assertEqual((ann["name"], ann["load"], ann["capacity"]), ("Ann", 1, 4))
        self.team.invalidate_recordset()
        with freeze_time("2026-11-23 13:30:00"):
            self.assertEqual(self.team.due_soon_count, 1)

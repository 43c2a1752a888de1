from datetime import datetime, timedelta

from odoo.tests import freeze_time, tagged

from .feedback_case import FeedbackCase

# A Monday; the team works from 8 to 12 and from 13 to 17.
NINE = "2026-11-23 09:00:00"


@tagged("post_install", "-at_install")
class TestCrmSlaStatus(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls._create_policy()
        with freeze_time(NINE):
            cls.sample = cls._create_complaint()

    def _get_status(self, target, case=None):
        return (case or self.sample).sla_status_ids.filtered(
            lambda status: status.target == target
        )

    def assertDeadline(self, target, expected, case=None):
        self.assertEqual(str(self._get_status(target, case).deadline), expected)

    def test_deadlines_are_in_working_hours(self):
        self.assertDeadline("first_response", "2026-11-23 14:00:00")
        self.assertDeadline("resolution", "2026-11-25 09:00:00")
        self.assertEqual(str(self.sample.date_due), "2026-11-23 14:00:00")

    def test_deadlines_are_those_of_stock(self):
        for hours in (0.25, 3, 7.5, 8, 39, 163):
            self.policy.resolution_hours = hours
            expected = self.calendar.plan_hours(
                hours, datetime(2026, 11, 23, 9), compute_leaves=True
            )
            self.assertDeadline("resolution", str(expected))

    def test_a_public_holiday_is_no_working_time(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": "2026-11-24 00:00:00",
                "date_to": "2026-11-24 23:59:59",
            }
        )
        self.sample._start_service_levels()
        self.assertDeadline("resolution", "2026-11-26 09:00:00")

    def test_hours_are_those_of_the_calendar_s_time_zone(self):
        calendar = self.calendar.copy({"tz": "Europe/Berlin"})
        team = self.team.copy({"name": "Berlin", "resource_calendar_id": calendar.id})
        # Clocks went back on 25 October 2026: 8 o'clock is 6 UTC before, 7 after.
        with freeze_time("2026-10-23 14:00:00"):
            case = self._create_case(team_id=team.id)
        self.assertDeadline("first_response", "2026-10-26 10:00:00", case)

    def test_waiting_for_the_customer_moves_the_deadline(self):
        with freeze_time("2026-11-23 10:00:00"):
            self.sample.action_wait()
        self.assertEqual(self.sample.sla_state, "paused")
        self.assertFalse(self._get_status("resolution").deadline)
        with freeze_time("2026-11-24 10:00:00"):
            self.sample.action_start()
        self.assertEqual(self._get_status("resolution").state, "running")
        self.assertDeadline("resolution", "2026-11-26 09:00:00")

    def test_an_answer_in_time_reaches_the_first_target(self):
        with freeze_time("2026-11-23 13:30:00"):
            self._answer(self.sample)
            self.assertEqual(self._get_status("first_response").state, "reached")
            self.assertEqual(self._get_status("resolution").state, "running")
        self.assertEqual(str(self.sample.date_due), "2026-11-25 09:00:00")

    def test_an_answer_too_late_has_failed(self):
        with freeze_time("2026-11-23 14:00:01"):
            self._answer(self.sample)
        self.assertEqual(self._get_status("first_response").state, "failed")
        self.assertEqual(self.sample.sla_state, "failed")

    def test_solving_reaches_the_second_target(self):
        with freeze_time("2026-11-23 11:00:00"):
            self._solve(self.sample)
        self.assertEqual(self.sample.sla_state, "reached")
        self.assertFalse(self.sample.date_due)

    def test_reopening_lets_the_clock_go_on_without_the_time_closed(self):
        with freeze_time("2026-11-23 11:00:00"):
            self._solve(self.sample)
        with freeze_time("2026-11-30 11:00:00"):
            self.sample.action_reopen()
        status = self._get_status("resolution")
        self.assertEqual(status.state, "running")
        self.assertDeadline("resolution", "2026-12-02 09:00:00")

    def test_a_policy_changed_midway_keeps_the_pauses(self):
        with freeze_time("2026-11-23 10:00:00"):
            self.sample.action_wait()
        with freeze_time("2026-11-23 14:00:00"):
            self.sample.action_start()
            self.policy.resolution_hours = 4
        self.assertDeadline("resolution", "2026-11-23 17:00:00")

    def test_a_changed_calendar_moves_the_deadlines(self):
        afternoons = self.calendar.attendance_ids.filtered(
            lambda line: line.day_period == "afternoon"
        )
        calendar = self.calendar.copy()
        calendar.attendance_ids.filtered(
            lambda line: line.day_period == "afternoon"
        ).unlink()
        self.assertTrue(afternoons.exists())
        with freeze_time(NINE):
            self.team.resource_calendar_id = calendar
        self.assertDeadline("first_response", "2026-11-24 09:00:00")

    def test_the_job_marks_what_is_late(self):
        with freeze_time("2026-11-23 14:00:01"), self.enter_registry_test_mode():
            self.env.ref("crm_feedback.ir_cron_mark_failed").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._get_status("first_response").state, "failed")
        self.assertEqual(self._get_status("resolution").state, "running")
        self.assertEqual(self.sample.sla_state, "failed")
        self.assertEvents(self.customer, ["case_opened", "service_level_failed"])

    def test_the_number_of_readings_does_not_grow_with_the_cases(self):
        def count_queries(number):
            values = [
                {
                    "name": f"Case {each}",
                    "team_id": self.team.id,
                    "partner_id": self.customer.id,
                }
                for each in range(number)
            ]
            cases = self.case.create(values)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cases._start_service_levels()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few, many = count_queries(2), count_queries(40)
        self.assertLessEqual(many, few + 2)

    def test_hundred_cases_have_the_deadline_of_one(self):
        with freeze_time(NINE):
            cases = self.case.create(
                [{"name": f"Case {n}", "team_id": self.team.id} for n in range(100)]
            )
        deadlines = set(self._get_status("resolution", cases).mapped("deadline"))
        self.assertEqual(deadlines, {datetime(2026, 11, 23, 9) + timedelta(days=2)})

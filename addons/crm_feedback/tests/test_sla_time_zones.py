from datetime import datetime, timedelta

import pytz
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from ..service_clock import WorkingTime, deadline
from .feedback_case import FeedbackCase

MINUTE = timedelta(minutes=1)
# Zones whose clocks change on different days, by an hour or half an hour, or never.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "UTC",
)
# Fridays before a change of clocks somewhere, and one in between.
STARTS = (
    "2026-03-06",
    "2026-03-27",
    "2026-10-02",
    "2026-10-23",
    "2026-10-30",
    "2026-06-05",
)
MORNING, AFTERNOON = range(8 * 60, 12 * 60), range(13 * 60, 17 * 60)


def count_minutes(zone, start, minutes, pauses):
    """Return the deadline by looking at the clock on the wall each minute."""
    zone, moment = pytz.timezone(zone), start
    while True:
        local = pytz.utc.localize(moment).astimezone(zone)
        clock = local.hour * 60 + local.minute
        working = local.weekday() < 5 and (clock in MORNING or clock in AFTERNOON)
        paused = any(begin <= moment < end for begin, end in pauses)
        moment += MINUTE
        minutes -= working and not paused
        if not minutes:
            return moment


@tagged("post_install", "-at_install")
class TestSlaTimeZones(FeedbackCase):
    def _get_working_time(self, zone, start):
        key = zone, start.date()
        if key not in self.known:
            self.calendar.tz = zone
            self.known[key] = WorkingTime(
                self.env["crm.sla.status"]._get_intervals(
                    self.calendar, start, start + timedelta(days=12)
                )
            )
        return self.known[key]

    def test_deadlines_are_those_of_the_clock_on_the_wall(self):
        self.known = {}
        minute = st.integers(0, 5 * 24 * 60)

        @settings(max_examples=120, deadline=None, derandomize=True)
        @given(
            st.sampled_from(ZONES),
            st.sampled_from(STARTS),
            st.integers(0, 24 * 60 - 1),
            st.integers(1, 20 * 60),
            st.lists(st.tuples(minute, st.integers(1, 600)), max_size=3),
        )
        def check(zone, day, late, minutes, spans):
            midnight = datetime.fromisoformat(day)
            start = midnight + late * MINUTE
            pauses = [
                (midnight + begin * MINUTE, midnight + (begin + length) * MINUTE)
                for begin, length in spans
            ]
            found = deadline(
                self._get_working_time(zone, midnight),
                start,
                minutes * MINUTE,
                pauses,
            )
            self.assertEqual(found, count_minutes(zone, start, minutes, pauses))

        check()

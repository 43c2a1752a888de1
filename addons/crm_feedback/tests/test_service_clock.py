from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..service_clock import WorkingTime, deadline, elapsed

MONDAY = datetime(2026, 11, 23)
MINUTE = timedelta(minutes=1)
# The oracle walks minute by minute: a horizon of some days keeps that affordable.
HORIZON = 4 * 24 * 60


def hour(hours, day=0):
    return MONDAY + timedelta(days=day, hours=hours)


def office_days(days=5):
    """Return the hours from 8 to 12 and from 13 to 17 of some days."""
    return WorkingTime(
        (hour(start, day), hour(stop, day))
        for day in range(days)
        for start, stop in ((8, 12), (13, 17))
    )


def oracle(working, start, minutes, paused):
    """Return the minute at which the clock has counted ``minutes``, by counting."""
    for minute in range(start, HORIZON):
        minutes -= minute in working and minute not in paused
        if not minutes:
            return MONDAY + (minute + 1) * MINUTE
    return None


spans = st.tuples(st.integers(0, HORIZON - 1), st.integers(1, 600)).map(
    lambda span: (span[0], span[0] + span[1])
)


def minutes_of(intervals):
    return {minute for low, high in intervals for minute in range(low, high)}


def moments_of(intervals):
    return [(MONDAY + low * MINUTE, MONDAY + high * MINUTE) for low, high in intervals]


@tagged("post_install", "-at_install")
class TestServiceClock(BaseCase):
    def test_counts_over_the_lunch_break(self):
        self.assertEqual(
            deadline(office_days(), hour(11), timedelta(hours=2)), hour(14)
        )

    def test_counts_on_the_next_working_day(self):
        self.assertEqual(
            deadline(office_days(), hour(16), timedelta(hours=2)), hour(9, day=1)
        )

    def test_starts_with_the_next_working_hour(self):
        self.assertEqual(deadline(office_days(), hour(3), timedelta(hours=1)), hour(9))

    def test_ends_with_the_day_when_the_time_fits_exactly(self):
        self.assertEqual(deadline(office_days(), hour(8), timedelta(hours=8)), hour(17))

    def test_a_pause_moves_the_deadline_by_the_working_time_in_it(self):
        pauses = [(hour(10), hour(14))]
        self.assertEqual(
            deadline(office_days(), hour(9), timedelta(hours=2), pauses), hour(15)
        )

    def test_three_pauses_add_up(self):
        pauses = [
            (hour(9), hour(10)),
            (hour(18), hour(7, day=1)),
            (hour(8, day=1), hour(9, day=1)),
        ]
        moment = deadline(office_days(), hour(8), timedelta(hours=8), pauses)
        self.assertEqual(moment, hour(10, day=1))

    def test_there_is_no_deadline_while_the_clock_stands_still(self):
        pauses = [(hour(10), None)]
        self.assertIsNone(deadline(office_days(), hour(9), timedelta(hours=2), pauses))

    def test_a_pause_after_the_deadline_does_not_count(self):
        pauses = [(hour(14), None)]
        self.assertEqual(
            deadline(office_days(), hour(9), timedelta(hours=2), pauses), hour(11)
        )

    def test_there_is_no_deadline_beyond_the_known_time(self):
        self.assertIsNone(deadline(office_days(1), hour(9), timedelta(hours=9)))

    def test_worked_time_between_two_moments(self):
        working_time = office_days()
        self.assertEqual(working_time.worked(hour(11), hour(14)), timedelta(hours=2))
        self.assertEqual(working_time.worked(hour(14), hour(11)), timedelta())
        self.assertEqual(
            working_time.worked(hour(0), hour(0, day=7)), timedelta(hours=40)
        )

    def test_intervals_that_overlap_count_once(self):
        working_time = WorkingTime([(hour(9), hour(12)), (hour(8), hour(10))])
        self.assertEqual(working_time.worked(hour(0), hour(24)), timedelta(hours=4))

    @settings(max_examples=300, deadline=None)
    @given(
        st.lists(spans, max_size=12),
        st.integers(0, HORIZON - 1),
        st.integers(1, 2000),
        st.lists(spans, max_size=4),
    )
    def test_agrees_with_counting_minute_by_minute(
        self, intervals, start, minutes, pauses
    ):
        # The oracle does not see beyond its horizon.
        intervals = [(low, min(high, HORIZON)) for low, high in intervals]
        found = deadline(
            WorkingTime(moments_of(intervals)),
            MONDAY + start * MINUTE,
            minutes * MINUTE,
            moments_of(pauses),
        )
        self.assertEqual(
            found, oracle(minutes_of(intervals), start, minutes, minutes_of(pauses))
        )

    def test_time_used_stands_still_in_pauses(self):
        pauses = [(hour(10), hour(14)), (hour(16), None)]
        self.assertEqual(
            elapsed(office_days(), hour(9), hour(20), pauses), timedelta(hours=3)
        )
        self.assertEqual(elapsed(office_days(), hour(9), hour(8)), timedelta())

    @settings(max_examples=300, deadline=None)
    @given(
        st.lists(spans, max_size=12),
        st.integers(0, HORIZON - 1),
        st.integers(0, HORIZON - 1),
        st.lists(spans, max_size=4),
    )
    def test_time_used_is_what_counting_gives(self, intervals, start, stop, pauses):
        counted = minutes_of(intervals) - minutes_of(pauses)
        self.assertEqual(
            elapsed(
                WorkingTime(moments_of(intervals)),
                MONDAY + start * MINUTE,
                MONDAY + stop * MINUTE,
                moments_of(pauses),
            ),
            len(counted & set(range(start, stop))) * MINUTE,
        )

    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(spans, min_size=1, max_size=12),
        st.integers(0, HORIZON - 1),
        st.integers(1, 2000),
        st.lists(spans, max_size=4),
    )
    def test_at_the_deadline_the_time_is_used_up(self, intervals, start, left, pauses):
        clock = (
            WorkingTime(moments_of(intervals)),
            MONDAY + start * MINUTE,
        )
        moment = deadline(*clock, left * MINUTE, moments_of(pauses))
        if moment:
            used = elapsed(*clock, moment, moments_of(pauses))
            self.assertEqual(used, left * MINUTE)

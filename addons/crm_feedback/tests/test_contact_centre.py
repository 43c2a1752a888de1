from datetime import datetime, timedelta
from math import factorial

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..contact_centre import (
    agents_needed,
    forecast_next,
    forecast_slots,
    service_level,
    wait_probability,
)
from .shared_data import read_shared

# What row 31 of the features demands: better than repeating last week.
LAST_WEEK_MAE = 7.85
WEEK = timedelta(weeks=1)


def textbook(erlangs, agents):
    """Return Erlang C as it is printed in textbooks, with factorials."""
    top = erlangs**agents / factorial(agents) * agents / (agents - erlangs)
    return top / (sum(erlangs**k / factorial(k) for k in range(agents)) + top)


@tagged("post_install", "-at_install")
class TestContactCentre(BaseCase):
    def test_published_values(self):
        self.assertAlmostEqual(wait_probability(10, 12), 0.449, places=3)
        self.assertAlmostEqual(wait_probability(10, 14), 0.174, places=3)
        self.assertEqual(agents_needed(100, 6, 20, 0.8), 14)
        self.assertAlmostEqual(service_level(100, 6, 14, 20), 0.861, places=3)
        self.assertLess(service_level(100, 6, 13, 20), 0.8)

    @settings(max_examples=200, deadline=None)
    @given(st.floats(0.1, 40), st.integers(1, 60))
    def test_agrees_with_the_textbook(self, erlangs, more):
        agents = int(erlangs) + more
        self.assertAlmostEqual(
            wait_probability(erlangs, agents), textbook(erlangs, agents), places=9
        )

    def test_too_few_agents_never_catch_up(self):
        self.assertEqual(wait_probability(10, 10), 1)
        self.assertEqual(service_level(100, 6, 10, 20), 0)

    def test_nobody_is_needed_for_nothing(self):
        self.assertEqual(agents_needed(0, 6, 20, 0.8), 0)
        self.assertEqual(wait_probability(0, 1), 0)

    def test_everybody_at_once_is_no_target(self):
        with self.assertRaises(ValueError):
            agents_needed(100, 6, 20, 1)

    def test_a_thousand_agents_are_no_problem(self):
        self.assertGreater(agents_needed(10_000, 6, 20, 0.8), 1000)

    def test_a_steady_series_goes_on(self):
        forecast = forecast_next([20] * 30)
        self.assertAlmostEqual(forecast.mean, 20)
        self.assertAlmostEqual(forecast.low, 20)
        self.assertAlmostEqual(forecast.high, 20)

    def test_slots_share_the_week_as_in_the_past(self):
        slots = forecast_slots([30] * 20, {("1", "09"): 60, ("1", "10"): 20})
        self.assertAlmostEqual(slots["1", "09"].mean, 22.5)
        self.assertAlmostEqual(slots["1", "10"].mean, 7.5)
        for forecast in slots.values():
            self.assertLess(forecast.low, forecast.mean)
            self.assertLess(forecast.mean, forecast.high)


@tagged("post_install", "-at_install")
class TestHelpdeskForecast(BaseCase):
    """Weekly cases of the helpdesk log, each week foretold from those before it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first = {}
        for row in read_shared("helpdesk_events.csv.gz"):
            moment = datetime.fromisoformat(row["complete_timestamp"])
            known = first.setdefault(row["case_id"], moment)
            first[row["case_id"]] = min(known, moment)
        mondays = [
            (moment - timedelta(days=moment.weekday())).date()
            for moment in first.values()
        ]
        start, stop = min(mondays), max(mondays)
        cls.series = [
            mondays.count(start + number * WEEK)
            for number in range((stop - start) // WEEK + 1)
        ]

    def _backtest(self, forecast):
        """Return the mean absolute error from the second year on."""
        errors = [
            abs(forecast(self.series[:week]) - self.series[week])
            for week in range(52, len(self.series))
        ]
        return sum(errors) / len(errors)

    def test_it_is_better_than_repeating_last_week(self):
        self.assertEqual(sum(self.series), 4580)
        naive = self._backtest(lambda past: past[-1])
        self.assertAlmostEqual(naive, LAST_WEEK_MAE, places=2)
        error = self._backtest(lambda past: forecast_next(past).mean)
        self.assertLess(error, LAST_WEEK_MAE)

    def test_four_of_five_weeks_lie_within_the_interval(self):
        inside = [
            forecast.low <= actual <= forecast.high
            for actual, forecast in (
                (self.series[week], forecast_next(self.series[:week]))
                for week in range(52, len(self.series))
            )
        ]
        self.assertAlmostEqual(sum(inside) / len(inside), 0.8, delta=0.08)

import itertools

from odoo import fields
from odoo.tests import tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestForecastRun(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Each customer orders once a week: what comes is known.
        history = [[(day, 50) for day in range(3, 400, 7)] for _customer in range(4)]
        cls._create_history([*history, [(20, 7)]])

    def test_orders_and_revenue_of_the_weeks_to_come(self):
        run = self._run_analysis(
            "forecast",
            horizon_months=1,
            forecast_measure="orders",
            forecast_interval="week",
        )
        self.assertEqual(run.state, "done")
        self.assertGreater(run.quality["forecast"]["origins"], 3)
        self.assertLess(run.quality["forecast"]["error"], 1)
        [chart] = run.charts
        told = chart["series"][1]["values"][-4:]
        for value in told:
            self.assertAlmostEqual(value, 4, delta=0.7)
        self.assertEqual(len(chart["labels"]), len(chart["series"][0]["values"]))
        revenue = self._run_analysis(
            "forecast", horizon_months=1, forecast_interval="week"
        )
        told = revenue.charts[0]["series"][1]["values"][-4:]
        for value in told:
            self.assertAlmostEqual(value, 200, delta=20)

    def test_new_customers_are_counted_once(self):
        run = self.run_model.new(
            {
                "kind": "forecast",
                "company_id": self.company.id,
                "forecast_measure": "new_customers",
                "forecast_interval": "week",
            }
        )
        starts, values = run._read_series()
        self.assertEqual((values[0], values.sum()), (4, 5))
        days = {(late - early).days for early, late in itertools.pairwise(starts)}
        self.assertEqual(days, {7})

    def test_what_can_not_be_tried_is_not_told(self):
        run = self._run_analysis("forecast", horizon_months=12)
        self.assertIn("too short to try a forecast of 12 months", run.summary)
        told = [value for value in run.charts[0]["series"][1]["values"] if value]
        # The line begins with the last known month.
        self.assertIn(f"within {len(told) - 1} months", run.summary)
        self.assertIn(len(told) - 1, (3, 4), "of thirteen months")

    def test_too_short_a_history_is_told(self):
        begin = fields.Date.subtract(fields.Date.today(), days=90)
        run = self._run_analysis("forecast", horizon_months=12, date_from=begin)
        self.assertEqual(run.method, "none")
        self.assertIn("it takes eight months", run.summary)

from datetime import timedelta

import numpy as np

from odoo import Command, fields
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import SQL

from ..engine import pipeline
from ..engine.chance import TooLittleHistory
from . import shared_data
from .analytics_case import AnalyticsCase

START = shared_data.Pipeline.START


def read_deals():
    return pipeline.Deals(**shared_data.Pipeline(pipeline.OPEN).deals)


@tagged("post_install", "-at_install")
class TestPipeline(BaseCase):
    """Features, row 12: the interval holds what it promises."""

    def test_real_opportunities(self):
        deals = read_deals()
        told = pipeline.forecast(deals, 456, 30, int(deals.group.max()) + 1)
        self.assertEqual(round(100 * told.quality.win_rate, 2), 63.15)
        self.assertGreaterEqual(told.quality.coverage, 0.75)
        self.assertLessEqual(told.quality.coverage, 0.85)
        self.assertGreater(told.quality.forecasts, 500)
        self.assertLess(told.quality.error, told.quality.naive_error)
        self.assertTrue((told.low <= told.mean).all())
        self.assertTrue((told.mean <= told.high).all())

    def test_what_comes_later_is_not_known(self):
        deals = read_deals()
        known = deals.closed <= 400
        cut = deals._replace(
            closed=np.where(known, deals.closed, pipeline.OPEN), won=deals.won & known
        )
        for one, other in zip(
            pipeline._tell(deals, 400, 30, 35),
            pipeline._tell(cut, 400, 30, 35),
            strict=True,
        ):
            np.testing.assert_allclose(one, other)

    def test_the_expected_sum_is_that_of_a_known_process(self):
        """Ten a day of 100; each day one in ten is closed, half of these are won."""
        random = np.random.default_rng(1)
        opened = np.repeat(np.arange(400), 10)
        closed = opened + random.geometric(0.1, opened.size)
        won = random.random(opened.size) < 0.5
        is_known = closed <= 399
        deals = pipeline.Deals(
            opened,
            np.where(is_known, closed, pipeline.OPEN),
            won & is_known,
            np.full(opened.size, 100.0),
            opened % 2,
        )
        told = pipeline.forecast(deals, 399, 30, 2)
        # As many are closed as come: half of ten a day, 100 each.
        self.assertAlmostEqual(told.mean[-1], 30 * 10 * 0.5 * 100, delta=1500)
        self.assertGreaterEqual(told.quality.coverage, 0.7)

    def test_too_little_history(self):
        deals = pipeline.Deals(
            np.array([0, 1]),
            np.array([5, pipeline.OPEN]),
            np.array([True, False]),
            np.array([10.0, 10.0]),
            np.array([0, 0]),
        )
        with self.assertRaises(TooLittleHistory):
            pipeline.forecast(deals, 20, 30, 1)


@tagged("post_install", "-at_install")
class TestPipelineRun(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals = read_deals()
        cls.leader, cls.seller = (
            new_test_user(
                cls.env,
                f"pipeline_{role}",
                groups=f"sales_team.group_sale_{group}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for role, group in (
                ("leader", "salesman_all_leads"),
                ("seller", "salesman"),
            )
        )
        cls.today = fields.Date.today()
        # The last day of the data is yesterday.
        cls.shift = (cls.today - START).days - 457
        cls._insert_leads()

    @classmethod
    def _insert_leads(cls):
        """Insert thousands of opportunities as they would lie there after years."""
        day = [START + timedelta(days=int(cls.shift + d)) for d in cls.deals.opened]
        closed = [
            START + timedelta(days=int(cls.shift + d)) if d < pipeline.OPEN else None
            for d in cls.deals.closed
        ]
        status = [
            "pending" if not end else "won" if won else "lost"
            for end, won in zip(closed, cls.deals.won.tolist(), strict=True)
        ]
        cls.env.flush_all()
        cls.env.execute_query(
            SQL(
                """
                INSERT INTO crm_lead (name, type, company_id, active, create_date,
                                      write_date, date_closed, won_status,
                                      expected_revenue, user_id, stage_id)
                SELECT 'Deal', 'opportunity', %(company)s, status != 'lost',
                       opened::timestamp + interval '9 hour',
                       opened::timestamp + interval '9 hour',
                       closed::timestamp + interval '15 hour', status, amount,
                       CASE WHEN number %% 2 = 0 THEN %(user)s END, %(stage)s
                  FROM unnest(%(opened)s::date[], %(closed)s::date[],
                              %(status)s::varchar[], %(amount)s::numeric[],
                              %(number)s::int[])
                       deal (opened, closed, status, amount, number)
                RETURNING id
                """,
                company=cls.company.id,
                user=cls.analyst.id,
                stage=cls.env["crm.stage"].search([], limit=1).id,
                opened=day,
                closed=closed,
                status=status,
                amount=cls.deals.amount.tolist(),
                number=cls.deals.group.tolist(),
            )
        )
        cls.env.invalidate_all()

    def test_the_pipeline_of_each_month_closes_to_nothing(self):
        """Features, row 12: opening, what was new, won and lost, and closing."""
        first = self.today.replace(day=1)
        months = [fields.Date.subtract(first, months=back) for back in range(14, 0, -1)]
        before = None
        for month in months:
            last = fields.Date.subtract(fields.Date.add(month, months=1), days=1)
            parts = self.env["crm.lead"]._get_pipeline_changes(
                month, last, self.company.ids
            )
            closing, opening = parts.pop("closing"), parts["opening"]
            self.assertAlmostEqual(sum(parts.values()), closing, places=2)
            if before is not None:
                self.assertAlmostEqual(opening, before, places=2)
            before = closing
            days = [(day - START).days - self.shift for day in (month, last)]
            within = (self.deals.closed >= days[0]) & (self.deals.closed <= days[1])
            for name, which in (("won", self.deals.won), ("lost", ~self.deals.won)):
                gone = self.deals.amount[within & which].sum()
                self.assertAlmostEqual(-float(parts[name]), gone, places=2)
        self.assertGreater(before, 0)

    def test_forecast_by_salesperson(self):
        run = self._run_analysis("pipeline")
        self.assertEqual(run.state, "done", run.summary)
        figures = run.quality["pipeline"]
        self.assertEqual(round(100 * figures["win_rate"], 2), 63.15)
        [chart] = run.charts
        self.assertEqual(set(chart["labels"]), {self.analyst.name, "Nobody"})
        expected = sum(chart["series"][0]["values"])
        self.assertAlmostEqual(expected, figures["expected"], places=2)
        self.assertLess(figures["low"], figures["expected"])
        self.assertGreater(figures["high"], figures["expected"])
        self.assertEqual(self._get_sales_tiles(self.leader), ["pipeline_forecast"])
        self.assertEqual(self._get_sales_tiles(self.seller), [])

    def _get_sales_tiles(self, user):
        dashboard = self.env["crm.dashboard"].with_user(user)
        tiles = dashboard.with_company(self.company).get_dashboard("sales")["tiles"]
        return [tile["key"] for tile in tiles if tile["key"] == "pipeline_forecast"]


@tagged("post_install", "-at_install")
class TestPipelineWithoutHistory(AnalyticsCase):
    def test_too_little_is_told(self):
        run = self._run_analysis("pipeline")
        self.assertEqual((run.state, run.method), ("done", "none"))
        self.assertIn("Too little history", run.summary)

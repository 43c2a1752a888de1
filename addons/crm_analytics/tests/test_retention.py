from datetime import timedelta

import numpy as np

from odoo.tests import tagged

from ..engine import contract_churn, survival, value_classes
from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestSurvival(AnalyticsCase):
    def test_product_limit_of_freireich(self):
        """6-MP group of Freireich et al. (1963), as in every textbook: weeks of
        remission, + is still there; shares as published."""
        left = [6, 6, 6, 7, 10, 13, 16, 22, 23]
        there = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
        curve = survival.product_limit(
            left + there, [True] * len(left) + [False] * len(there)
        )
        self.assertEqual(curve.time.tolist(), [0, 6, 7, 10, 13, 16, 22, 23])
        published = [1, 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
        np.testing.assert_allclose(curve.share, published, atol=5e-4)
        # R survival::survfit(conf.type = "log-log") at week 10.
        _share, low, high = survival.share_at(curve, 10.5)
        np.testing.assert_allclose((low, high), (0.503, 0.889), atol=5e-3)

    def test_better_retention_cannot_exceed_certainty(self):
        worth = survival.worth_of_retention([100, 100, 100], [0.5, 0, 0.02], 0.05)
        np.testing.assert_allclose(worth, [2.5, 0, 2])

    def test_value_classes(self):
        classes = value_classes.classify([50, 30, 10, 5, 5, 0])
        self.assertEqual(
            classes.tolist(), ["high", "medium", "low", "low", "low", "low"]
        )
        self.assertEqual(value_classes.classify([1, 1, 1, 1]).tolist(), 4 * ["high"])


@tagged("post_install", "-at_install")
class TestRetentionRun(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = np.random.default_rng(3)
        cls.history = [
            sorted({int(day) for day in rng.integers(1, 800, rng.integers(1, 9))})
            for _customer in range(60)
        ]
        cls.customers = cls._create_history(
            [[(day, 10) for day in days] for days in cls.history]
        )

    def test_renewals_of_another_addon_are_projected(self):
        """Seven years of Fader and Hardie 2007, table 1, with its parameters."""
        regular = [1000, 631, 468, 382, 326, 289, 262, 241]
        renewals = [("Regular", regular), ("All stay", [50, 50, 50])]
        self.patch(type(self.run_model), "_get_renewals", lambda run: renewals)
        run = self._run_analysis("retention")
        fitted = contract_churn.fit(-np.diff(regular), regular[-1])
        share = 100 * contract_churn.survival(fitted, 12)
        self.assertEqual(run.quality["Regular: customers at the start"], 1000)
        self.assertAlmostEqual(
            run.quality["Regular: still there 5 renewals later (%)"], float(share)
        )
        self.assertAlmostEqual(
            run.quality["Regular: will renew next time (%)"],
            100 * (1.182 + 7) / (0.704 + 1.182 + 7),
            places=1,
        )
        [chart] = [c for c in run.charts if c["key"].startswith("renewals_")]
        so_far, expected = (each["values"] for each in chart["series"])
        self.assertEqual(so_far[:3], [100, 63.1, 46.8])
        self.assertEqual(so_far[8:], 5 * [None])
        self.assertAlmostEqual(expected[7], 24.1, delta=1)

    def test_without_contracts_nothing_is_said_of_renewals(self):
        run = self._run_analysis("retention")
        self.assertFalse([c for c in run.charts if c["key"].startswith("renewals_")])

    def test_cohorts_equal_a_count_by_hand(self):
        run = self.run_model.create(
            {"kind": "retention", "company_id": self.company.id}
        )
        counts = {}
        now = self.env.cr.now()
        for days in self.history:
            months = {
                (day.year, day.month)
                for day in (now - timedelta(days=back) for back in days)
            }
            first = min(months)
            for year, month in months:
                later = (year - first[0]) * 12 + month - first[1]
                counts[first, later] = counts.get((first, later), 0) + 1
        found = {
            ((month.year, month.month), later): count
            for month, later, count in run._read_cohorts()
        }
        self.assertEqual(found, counts)

    def test_run(self):
        for kind in ("rfm", "clv", "churn"):
            self._run_analysis(kind)
        run = self._run_analysis("retention")
        limit = self.company.crm_lapsed_days
        left = sum(min(days) > limit for days in self.history)
        self.assertEqual(run.quality["retention_left"], left)
        self.assertLess(run.quality["retention_12_low"], run.quality["retention_12"])
        self.assertGreater(run.quality["retention_worth"], 0)
        charts = {chart["key"]: chart for chart in run.charts}
        causes = charts["retention_causes"]["series"][0]["values"]
        self.assertAlmostEqual(sum(causes), run.quality["retention_lost_margin"])
        self.assertGreater(sum(causes), 0)
        twice = self._run_analysis("retention", retention_gain=2.5)
        self.assertLess(
            twice.quality["retention_worth"], run.quality["retention_worth"]
        )


@tagged("post_install", "-at_install")
class TestLostMargin(AnalyticsCase):
    """Features, row 42: the causes of lost margin, what better retention is worth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # All have left long ago; each is worth another amount, to tell them apart.
        amounts = (100, 200, 400, 800, 1600)
        cls.customers = cls._create_history(
            [[(900, amount), (800, amount)] for amount in amounts]
        )
        complained, waited, bargained, _forgotten, called = cls._get_profiles(
            cls.customers
        )
        last = min(cls.customers[0].sale_order_ids.mapped("date_order"))
        for profile, code, category in (
            (complained, "test_complaint", "service"),
            (waited, "delivery_late", "delivery"),
        ):
            cls._tell(profile, code, category, last + timedelta(days=110))
        bargained.discounted_share = 0.7
        called.last_contact_by_us = called.last_order_date + timedelta(days=5)

    @classmethod
    def _tell(cls, profile, code, category, date):
        event_type = cls.event_type.search([("code", "=", code)], limit=1)
        if not event_type:
            event_type = cls.event_type.create(
                {
                    "name": code,
                    "code": code,
                    "category": category,
                    "model_id": cls.env["ir.model"]._get_id("res.partner"),
                    "date_path": "create_date",
                    "partner_path": "id",
                    "capture": "sweep",
                }
            )
        cls.env["crm.customer.event"].create(
            {
                "type_id": event_type.id,
                "partner_id": profile.partner_id.id,
                "company_id": profile.company_id.id,
                "date": date,
                "res_model": "res.partner",
                "res_id": profile.partner_id.id,
            }
        )

    def test_each_cause_has_the_margin_of_its_customers(self):
        run = self.run_model.create(
            {"kind": "retention", "company_id": self.company.id}
        )
        profiles = self._get_profiles(self.customers)
        lost = dict(run._read_lost_margin([profile.id for profile in profiles]))
        labels = [label for label, _condition in run._get_defection_causes()]
        complaint, delivery, price, contact = labels
        yearly = {
            label: round(margin / (2 * amount), 2)
            for label, amount, margin in (
                (complaint, 100, lost[complaint]),
                (delivery, 200, lost[delivery]),
                (price, 400, lost[price]),
                (contact, 800, lost[contact]),
                ("Unknown", 1600, lost["Unknown"]),
            )
        }
        # Two orders within a year: a year's margin is that of both.
        self.assertEqual(set(yearly.values()), {1.0}, yearly)

    def test_better_retention_is_worth_its_margin_in_each_segment(self):
        """5 % more of the customers who stay: margin times the chance to stay times
        0.05, summed by hand."""
        for kind in ("rfm", "churn"):
            self._run_analysis(kind)
        by_segment = {}
        for profile in self._get_profiles(self.customers):
            staying = 1 - profile.churn_probability
            gain = min(staying * 1.05, 1) - staying
            label = profile._get_label("rfm_segment")
            by_segment[label] = by_segment.get(label, 0) + profile.revenue * gain
        run = self._run_analysis("retention")
        [chart] = [each for each in run.charts if each["key"] == "retention_worth"]
        told = dict(zip(chart["labels"], chart["series"][0]["values"], strict=True))
        self.assertEqual(set(told), set(by_segment))
        for label, worth in by_segment.items():
            self.assertAlmostEqual(told[label], worth, places=4)
        self.assertGreater(run.quality["retention_worth"], 0)


@tagged("post_install", "-at_install")
class TestMigration(AnalyticsCase):
    def test_the_first_analysis_is_the_start_and_new_customers_come_from_nowhere(self):
        self._create_history([[(10, 100)], [(20, 300)], [(30, 500)]])
        for kind in ("rfm", "clv"):
            self._run_analysis(kind)
        mine = [("company_id", "=", self.company.id)]
        moves = self.env["crm.customer.migration"].search(mine)
        self.assertEqual(set(moves.mapped("dimension")), {"rfm_segment", "value_class"})
        self.assertEqual(moves.mapped("from_class"), moves.mapped("to_class"))
        self._create_history([[(1, 900)]])
        for _time in range(2):
            self._run_analysis("clv")
        new = self.env["crm.customer.migration"].search(
            [*mine, ("dimension", "=", "value_class"), ("from_class", "=", False)]
        )
        self.assertEqual(sum(new.mapped("customer_count")), 1)

    def test_months_follow_from_one_another(self):
        customers = self._create_history(
            [[(10 * number, 100 + number)] for number in range(1, 13)]
        )
        self._run_analysis("rfm")
        self._run_analysis("clv")
        migration = self.env["crm.customer.migration"]
        # The month that ends: as if all this had been done in it.
        self.env.cr.execute(
            "UPDATE crm_customer_migration SET month = month - interval '1 month'"
        )
        self.env.cr.execute(
            "UPDATE crm_customer_profile "
            "SET opening_month = opening_month - interval '1 month'"
        )
        self.env.invalidate_all()
        best = self._get_profiles(customers)[0]
        was = best.rfm_segment
        self.env.cr.execute(
            "UPDATE sale_order SET date_order = now() - interval '2 year' "
            "WHERE partner_id = %s",
            [customers[0].id],
        )
        self._run_analysis("rfm")
        moves = migration.search(
            [("company_id", "=", self.company.id), ("dimension", "=", "rfm_segment")]
        )
        month = max(moves.mapped("month"))
        old, new = (
            moves.filtered(lambda m: m.month != month),
            moves.filtered(lambda m: m.month == month),
        )

        def count(lines, name):
            sums = {}
            for line in lines:
                sums[line[name]] = sums.get(line[name], 0) + line.customer_count
            return sums

        self.assertEqual(count(old, "to_class"), count(new, "from_class"))
        best.invalidate_recordset()
        self.assertEqual(
            (best.opening_rfm_segment, best.rfm_segment != was), (was, True)
        )
        self.assertTrue(
            new.filtered(
                lambda m: m.from_class == was and m.to_class == best.rfm_segment
            )
        )

import numpy as np

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmAnalyticsRunClv(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        random = np.random.default_rng(3)
        cls.customers = cls._create_history(
            [draw_purchases(random, 40 + number % 60) for number in range(400)]
        )

    def test_every_customer_has_a_value_and_an_interval(self):
        run = self._run_analysis("clv")
        self.assertEqual(run.method, "BG/NBD and gamma-gamma")
        for profile in self._get_profiles(self.customers):
            self.assertGreater(profile.clv, 0)
            self.assertLessEqual(0, profile.clv_low)
            self.assertLess(profile.clv_low, profile.clv_high or 0.01)
        tile = self._get_profiles(self.customers)[0]._get_value_tile()
        self.assertIn("80 % sure between", tile["detail"])

    def test_it_is_tried_on_days_kept_from_it(self):
        run = self._run_analysis("clv")
        tried = run.quality["holdout"]
        cutoff = fields.Datetime.subtract(fields.Datetime.now(), days=tried["days"])
        [(later,)] = self.env.execute_query(
            SQL(
                """
                SELECT count(DISTINCT (partner_id, date_order::date)) FROM sale_order
                 WHERE company_id = %(company)s AND date_order > %(cutoff)s
                   AND partner_id IN (SELECT partner_id FROM sale_order
                                       WHERE company_id = %(company)s
                                         AND date_order <= %(cutoff)s)
                """,
                company=self.company.id,
                cutoff=cutoff,
            )
        )
        self.assertAlmostEqual(tried["orders"], later, delta=2)
        self.assertAlmostEqual(
            tried["expected_orders"] / tried["orders"], 1, delta=0.25
        )
        self.assertTrue(0.03 < tried["above"] < 0.2)
        keys = [chart["key"] for chart in run.charts]
        self.assertIn("clv_holdout_orders", keys)
        self.assertIn("clv_holdout_revenue", keys)
        self.assertIn("were forecast", run.summary)

    def test_the_margin_is_the_customers_own(self):
        profiles = self._get_profiles(self.customers)
        thrifty, dear, returned = profiles[:3]
        for profile in profiles:
            profile.margin = 0.4 * profile.revenue
        dear.margin = 0.1 * dear.revenue
        returned.credit_note_amount = returned.revenue
        run = self._run_analysis("clv")
        self.assertAlmostEqual(run.quality["margin_share"], 0.4, delta=0.01)
        shares, of_all = run._read_margin_shares(
            np.array([profile.id for profile in profiles])
        )
        basket = sum(each.revenue for each in profiles) / sum(
            each.order_count for each in profiles
        )
        drawn = 3 * basket
        left = (thrifty.margin, dear.margin, 0)
        for profile, share, own in zip(
            (thrifty, dear, returned), shares, left, strict=False
        ):
            self.assertAlmostEqual(
                share, (own + of_all * drawn) / (profile.revenue + drawn), places=6
            )
        self.assertLess(shares[1], shares[0])
        values = [profile.clv for profile in profiles]
        plain = self._run_analysis("clv", margin_source="rate", margin_rate=50)
        for profile, value, share in zip(profiles, values, shares, strict=True):
            self.assertAlmostEqual(value, profile.clv * share / 0.5, delta=0.02)
        self.assertIsNone(plain.quality["margin_share"])
        worth = plain.quality["holdout"]["expected_revenue"]
        self.assertAlmostEqual(
            worth, run.quality["holdout"]["expected_revenue"], places=4
        )


def draw_purchases(random, age):
    """Draw one customer of the model: days ago and amount of each purchase."""
    weeks, purchases = float(age), []
    rate, dropout = random.gamma(0.8, 1 / 6), random.beta(0.8, 2.5)
    amount = random.gamma(4, 10)
    while weeks > 0:
        purchases.append((weeks * 7, round(random.gamma(6, amount / 6) + 0.01, 2)))
        if len(purchases) > 1 and random.random() < dropout:
            break
        weeks -= random.exponential(1 / rate)
    return purchases

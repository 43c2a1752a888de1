from collections import defaultdict

import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import bg_nbd, gamma_gamma, goodness_of_fit, purchase_history
from . import shared_data


@tagged("post_install", "-at_install")
class TestPublishedFigures(BaseCase):
    """CDNOW, 1/10 sample, weeks 1 to 39: Fader, Hardie and Lee 2005 and 2013."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        summary = shared_data.read("cdnow_sample_calibration_summary")
        cls.frequency, cls.recency, cls.age = np.array(
            [
                [float(row[name]) for name in ("frequency", "recency_weeks", "T_weeks")]
                for row in summary
            ]
        ).T
        spends = defaultdict(lambda: defaultdict(float))
        for row in shared_data.read("cdnow_sample_transactions"):
            if row["date"] <= "1997-09-30":
                spends[int(row["sample_id"])][row["date"]] += float(row["spend"])
        repeats = [
            [days[day] for day in sorted(days)[1:]]
            for _id, days in sorted(spends.items())
        ]
        cls.repeat_count = np.array([len(values) for values in repeats], float)
        cls.repeat_value = np.array(
            [np.mean(values) if values else 0 for values in repeats]
        )
        cls.fitted = bg_nbd.fit(cls.frequency, cls.recency, cls.age)

    def test_parameters_of_repeat_buying(self):
        for value, published in zip(
            self.fitted.parameters, (0.243, 4.414, 0.793, 2.426), strict=True
        ):
            self.assertAlmostEqual(value, published, places=3)
        self.assertAlmostEqual(self.fitted.log_likelihood, -9582.4, places=1)

    def test_expected_purchases_of_one_customer(self):
        expected = bg_nbd.expected_purchases(self.fitted, [2], [30.43], [38.86], 39)
        self.assertAlmostEqual(expected[0], 1.226, places=3)

    def test_holdout_weeks(self):
        expected = bg_nbd.expected_purchases(
            self.fitted, self.frequency, self.recency, self.age, 39
        )
        self.assertEqual(round(expected.sum()), 1653)

        history = purchase_history.build(
            **shared_data.read_cdnow("cdnow_sample_transactions", "sample_id")
        )
        later = history.customer[history.day > 272]
        actual = np.bincount(later, minlength=self.frequency.size)
        self.assertEqual(actual.sum(), 1882)
        self.assertLessEqual(np.abs(expected - actual).mean(), 0.786)

    def test_standard_errors(self):
        for error, parameter in zip(
            self.fitted.standard_errors, self.fitted.parameters, strict=True
        ):
            self.assertGreater(error, 0.02 * parameter)
            self.assertLess(error, 0.5 * parameter)

    def test_curve_of_all_purchases(self):
        """A new customer's purchases sum up to what the paper's figure 2 shows."""
        start = self.age.max() - self.age
        told = goodness_of_fit.tracking(self.fitted, start, [], [39])[1][0]
        self.assertAlmostEqual(told, self.frequency.sum(), delta=0.06 * told)
        seen, _told = goodness_of_fit.by_frequency(
            self.frequency, self.frequency, self.frequency
        )
        np.testing.assert_allclose(seen[:7], np.arange(7))

    def test_value_of_a_purchase(self):
        fitted = gamma_gamma.fit(self.repeat_count, self.repeat_value)
        for value, published in zip(
            fitted.parameters, (6.25, 3.74, 15.44), strict=True
        ):
            self.assertAlmostEqual(value, published, places=2)
        self.assertAlmostEqual(fitted.log_likelihood, -4055.92, places=2)
        first_ten = gamma_gamma.expected_value(
            fitted, self.repeat_count, self.repeat_value
        )[:10]
        published = (
            24.65,
            18.91,
            35.17,
            35.17,
            35.17,
            71.46,
            18.91,
            35.17,
            27.28,
            35.17,
        )
        np.testing.assert_allclose(first_ten, published, atol=0.005)

    def test_standard_errors_of_the_value(self):
        """The estimates of customers drawn anew (bootstrap) spread about as much."""
        fitted = gamma_gamma.fit(self.repeat_count, self.repeat_value)
        told = gamma_gamma.standard_errors(fitted, self.repeat_count, self.repeat_value)
        random = np.random.default_rng(2)
        size = self.repeat_count.size
        drawn = [random.integers(0, size, size) for _time in range(30)]
        seen = np.std(
            [
                gamma_gamma.fit(self.repeat_count[d], self.repeat_value[d]).q
                for d in drawn
            ]
        )
        self.assertGreater(told[1], seen / 2)
        self.assertLess(told[1], seen * 2)

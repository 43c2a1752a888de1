import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import contract_churn
from ..engine.bg_nbd import FitError


@tagged("post_install", "-at_install")
class TestContractChurn(BaseCase):
    """Fader and Hardie 2007, table 1: customers left after 0 to 7 years."""

    REGULAR = (1000, 631, 468, 382, 326, 289, 262, 241)
    HIGH_END = (1000, 869, 743, 653, 593, 551, 517, 491)

    def _fit(self, survivors):
        return contract_churn.fit(-np.diff(survivors), survivors[-1])

    def test_published_parameters(self):
        for survivors, alpha, beta in (
            (self.REGULAR, 0.704, 1.182),
            (self.HIGH_END, 0.668, 3.806),
        ):
            fitted = self._fit(survivors)
            self.assertAlmostEqual(fitted.alpha, alpha, places=3)
            self.assertAlmostEqual(fitted.beta, beta, places=3)

    def test_renewals_still_to_come_are_no_losses(self):
        """Customers of several years, of whom the younger ones are still there."""
        random = np.random.default_rng(2)
        chance = random.beta(0.7, 2.0, 20_000)
        lost_at = random.geometric(chance)
        due = random.integers(0, 8, chance.size)
        has_left = lost_at <= due
        lost = np.bincount(lost_at[has_left] - 1, minlength=8)
        there = np.bincount(due[~has_left], minlength=9)
        fitted = contract_churn.fit(lost, there)
        self.assertAlmostEqual(fitted.alpha, 0.7, delta=0.06)
        self.assertAlmostEqual(fitted.beta, 2.0, delta=0.2)

    def test_retention_rises_with_tenure(self):
        fitted = self._fit(self.REGULAR)
        rates = contract_churn.retention_rate(fitted, np.arange(1, 8))
        self.assertTrue((np.diff(rates) > 0).all())
        np.testing.assert_allclose(
            np.cumprod(rates), contract_churn.survival(fitted, np.arange(1, 8))
        )

    def test_renewals_to_come_are_the_discounted_survival(self):
        fitted = self._fit(self.HIGH_END)
        steps = np.arange(1, 400)
        direct = (contract_churn.survival(fitted, steps) / 1.1**steps).sum()
        told = contract_churn.expected_renewals(fitted, np.array([0, 3]), 0.1)
        self.assertAlmostEqual(told[0], direct, places=2)
        self.assertGreater(told[1], told[0])

    def test_nobody_lost(self):
        with self.assertRaises(FitError):
            contract_churn.fit([0, 0], 10)

    def test_facts_after_the_notice_are_not_looked_at(self):
        signals = {"complaint": ([0, 0, 0, 1], [50, 300, 380, 340])}
        seen = contract_churn.features(
            np.array([400, 400]), np.array([0, 35]), [110, 100], [100, 100],
            np.array([0, 1]), signals,
        )  # fmt: skip
        counts = np.expm1(seen.known[:, seen.names.index("complaint")])
        np.testing.assert_allclose(counts, [1, 1])
        np.testing.assert_allclose(np.expm1(seen.known[:, 0]), [370, 335])
        self.assertGreater(seen.known[0, 2], 0.09)
        self.assertEqual(seen.known[1, 2], 0)

    def test_who_will_not_renew(self):
        random = np.random.default_rng(1)
        count = 3000
        use = random.poisson(3, count)
        days = random.integers(0, 900, count)
        renewed = random.random(count) < 1 / (1 + np.exp(1.5 - use))
        _model, quality = contract_churn.learn(np.log1p(use)[:, None], renewed, days)
        self.assertEqual(quality.split, "time")
        self.assertGreater(quality.auc, 0.75)

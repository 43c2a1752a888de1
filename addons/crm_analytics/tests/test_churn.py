import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import churn


@tagged("post_install", "-at_install")
class TestChurn(BaseCase):
    def _simulate(self, seed, count=3000):
        """Customers who are the likelier silent the longer they have been so."""
        random = np.random.default_rng(seed)
        frequency = random.poisson(3, count).astype(float)
        age = random.uniform(100, 700, count)
        recency = np.where(frequency > 0, age * random.uniform(0, 1, count), 0)
        revenue = (frequency + 1) * random.uniform(10, 90, count)
        chance = 1 / (1 + np.exp(-((age - recency) / 120 - 2)))
        silent = random.random(count) < chance
        return churn.features(frequency, recency, age, revenue), silent

    def test_risk_is_learned_and_calibrated(self):
        known, silent = self._simulate(1)
        later, later_silent = self._simulate(2)
        forecast = churn.predict(churn.train(known, silent), later)
        quality = churn.judge(forecast, later_silent)
        self.assertGreater(quality.auc, 0.75)
        self.assertGreater(quality.lift, 1.2)
        for low in (0.0, 0.25, 0.5, 0.75):
            inside = (forecast >= low) & (forecast < low + 0.25)
            self.assertAlmostEqual(
                forecast[inside].mean(), later_silent[inside].mean(), delta=0.1
            )

    def test_too_few_of_a_kind_are_not_learned_from(self):
        self.assertFalse(churn.is_enough([True] * 50 + [False] * 40))
        self.assertFalse(churn.is_enough([True] * 990 + [False] * 10))
        self.assertTrue(churn.is_enough([True] * 900 + [False] * 100))

    def test_customers_with_one_purchase_have_finite_features(self):
        self.assertTrue(np.isfinite(churn.features([0], [0], [0], [-5])).all())

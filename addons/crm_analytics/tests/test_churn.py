import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import chance, churn, purchase_history
from . import shared_data


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

    def test_reasons_are_the_customer_s_own(self):
        """Some stop when they were complained to; some because they always do."""
        random = np.random.default_rng(6)
        facts, complaints = [], []
        for customer in range(1500):
            day, rhythm = random.uniform(0, 40), 20
            while day < 540:
                facts.append((customer, int(day), 10))
                if random.random() < 0.04:
                    complaints.append((customer, int(day)))
                    break
                day += rhythm * random.uniform(0.5, 1.5)
        history = purchase_history.build(
            *zip(*facts, strict=True),
            customer_count=1500,
            signals={"complaint": tuple(np.transpose(complaints))},
        )
        model, quality = churn.learn(history, 539, 120)
        self.assertGreater(quality.auc, 0.9)
        told = churn.forecast(model, history, 539)
        recent = {who for who, day in complaints if 539 - 20 < day}
        complained = np.isin(told.customer, list(recent))
        name = told.reason_names.index("complaint")
        named = (told.reasons == name).any(axis=1)
        self.assertGreater(named[complained].mean(), 0.9)
        self.assertEqual(named[~complained & (told.probability < 0.2)].mean(), 0)

    def test_online_retail(self):
        """Features, row 41: AUC 0.737, 64.6 % of the top tenth, cut 2011-09-09."""
        history = purchase_history.build(**shared_data.OnlineRetail().purchases)
        last_day = int(history.day.max())
        _model, quality = churn.learn(history, last_day, 91)
        self.assertEqual((quality.customers, quality.split), (3370, "time"))
        self.assertAlmostEqual(quality.base_rate, 0.43, places=2)
        self.assertGreaterEqual(quality.auc, 0.737)
        self.assertGreaterEqual(quality.top_share, 0.646)
        self.assertLess(quality.calibration_error, 0.05)

    def test_cdnow(self):
        """A plain logistic regression measured 0.772, other customers left out."""
        history = purchase_history.build(**shared_data.read_cdnow())
        known, silent = churn.read_period(history, 272, 273)
        _model, quality = chance.learn([(known, silent)])
        self.assertGreaterEqual(round(quality.auc, 3), 0.772)

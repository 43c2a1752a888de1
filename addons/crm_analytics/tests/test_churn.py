import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import chance, churn, purchase_history
from . import shared_data


@tagged("post_install", "-at_install")
class TestChurn(BaseCase):
    def test_too_little_history(self):
        history = purchase_history.build([0, 1, 2], [0, 5, 9], [1, 1, 1])
        with self.assertRaises(chance.TooLittleHistory):
            churn.learn(history, 20, 5)

    def test_customers_with_one_purchase_have_finite_features(self):
        history = purchase_history.build([0, 1], [0, 9], [-5, 0])
        self.assertTrue(np.isfinite(purchase_history.features(history, 9).known).all())

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

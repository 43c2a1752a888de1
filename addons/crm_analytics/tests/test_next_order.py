import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import next_order, purchase_history
from ..engine.chance import TooLittleHistory
from . import shared_data


@tagged("post_install", "-at_install")
class TestNextOrder(BaseCase):
    def _simulate(self, count=900, days=720, seed=5):
        """Customers who buy every week, month or quarter, give or take a third."""
        random = np.random.default_rng(seed)
        facts = []
        for customer in range(count):
            rhythm = (7, 30, 90)[customer % 3]
            day = random.uniform(0, rhythm)
            while day < days:
                facts.append((customer, int(day), 10))
                day += rhythm * random.uniform(0.67, 1.33)
        return purchase_history.build(*zip(*facts, strict=True))

    def test_each_customer_s_rhythm_is_told(self):
        history = self._simulate()
        model, quality = next_order.learn(history, 719, 120)
        self.assertGreaterEqual(quality.coverage, 0.75)
        self.assertLessEqual(quality.coverage, 0.85)
        self.assertLess(quality.error, quality.naive_error / 1.5)
        told = next_order.forecast(model, history, 719)
        weekly, quarterly = (
            told.expected[told.customer % 3 == kind].mean() for kind in (0, 2)
        )
        self.assertLess(weekly, 10)
        self.assertGreater(quarterly, 25)
        self.assertTrue((told.earliest <= told.expected).all())
        self.assertTrue((told.expected <= told.latest).all())

    def test_too_little_history(self):
        with self.assertRaises(TooLittleHistory):
            next_order.learn(self._simulate(60), 719, 120)

    def test_coverage_on_real_orders(self):
        """Features, row 43: inside its 80 % interval in 75 to 85 %."""
        retail = purchase_history.build(**shared_data.OnlineRetail().purchases)
        cdnow = purchase_history.build(**shared_data.read_cdnow())
        for history, horizon in ((retail, 91), (cdnow, 180)):
            today = int(history.day.max())
            _model, quality = next_order.learn(history, today, horizon)
            self.assertGreaterEqual(quality.coverage, 0.75)
            self.assertLessEqual(quality.coverage, 0.85)

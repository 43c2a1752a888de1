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

    def test_without_habits_all_are_told_the_median(self):
        """Who buys at random is told no better by his past: the plain way is chosen."""
        random = np.random.default_rng(4)
        day = np.flatnonzero(random.random(1200 * 500) < 1 / 40)
        history = purchase_history.build(day // 500, day % 500, np.ones(day.size))
        _model, quality = next_order.learn(history, 499, 60)
        self.assertEqual(quality.method, "median")
        self.assertAlmostEqual(quality.error, quality.naive_error, delta=0.3)
        self.assertGreaterEqual(quality.coverage, 0.75)
        self.assertLessEqual(quality.coverage, 0.85)

    def test_the_choice_knows_nothing_of_the_period_that_judges(self):
        history = self._simulate()
        later = history.day > 719 - 120
        changed = history._replace(
            day=np.where(later, 719 - 120 + 1 + history.day % 7, history.day)
        )
        order = np.lexsort((changed.day, changed.customer))
        changed = changed._replace(
            customer=changed.customer[order], day=changed.day[order]
        )
        told = [next_order.learn(each, 719, 120)[1] for each in (history, changed)]
        self.assertEqual(told[0].rivals, told[1].rivals)
        self.assertEqual(told[0].method, told[1].method)
        self.assertNotEqual(told[0].error, told[1].error)

    def test_few_orders_count_less_than_the_rhythm_of_all(self):
        history = purchase_history.build(
            [0, 0, 1, 1, 1, 1, 1, 2], [0, 8, 0, 2, 4, 6, 8, 3], np.ones(8)
        )
        rhythm = purchase_history.rhythm(history, 10, 2)
        of_all = np.log([8, 2, 2, 2, 2]).mean()
        np.testing.assert_allclose(
            rhythm,
            [
                (np.log(8) + 2 * of_all) / 3,
                (4 * np.log(2) + 2 * of_all) / 6,
                of_all,
            ],
        )

    def test_real_orders(self):
        """Features, row 43: inside its 80 % interval in 75 to 85 %; better than the
        median of the period before, told to everybody."""
        retail = purchase_history.build(**shared_data.OnlineRetail().purchases)
        cdnow = purchase_history.build(**shared_data.read_cdnow())
        for history, horizon in ((retail, 91), (cdnow, 180)):
            today = int(history.day.max())
            _model, quality = next_order.learn(history, today, horizon)
            self.assertGreaterEqual(quality.coverage, 0.75)
            self.assertLessEqual(quality.coverage, 0.85)
            self.assertLess(quality.error, 0.98 * quality.naive_error)

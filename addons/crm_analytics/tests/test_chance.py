import numpy as np
from scipy.special import expit
from scipy.stats import norm

from odoo.tests import BaseCase, tagged

from ..engine import chance


@tagged("post_install", "-at_install")
class TestChance(BaseCase):
    def _simulate(self, seed, score, count=6000):
        random = np.random.default_rng(seed)
        known = random.normal(size=(count, 3))
        truth = 1 / (1 + np.exp(-score(known)))
        return known, random.random(count) < truth

    def _learn(self, score):
        return chance.learn([self._simulate(seed, score) for seed in (1, 2)])

    def test_a_straight_relation_is_left_to_logistic_regression(self):
        model, quality = self._learn(lambda known: known[:, 0] - 1)
        self.assertEqual(quality.method, "logistic")
        self.assertEqual(quality.split, "time")
        known, _happened = self._simulate(3, lambda known: known[:, 0])
        np.testing.assert_allclose(
            chance.predict(model, known), 1 / (1 + np.exp(1 - known[:, 0])), atol=0.08
        )

    def test_a_crooked_one_to_trees(self):
        model, quality = self._learn(lambda known: 4 * known[:, 0] * known[:, 1])
        self.assertEqual(quality.method, "trees")
        self.assertGreater(quality.auc, 0.85)
        self.assertLess(quality.rivals["trees"], quality.rivals["logistic"])
        self.assertLess(quality.calibration_error, 0.03)

    def test_chances_are_calibrated_where_the_base_rate_has_moved(self):
        before = self._simulate(1, lambda known: known[:, 0] + 1)
        after = self._simulate(2, lambda known: known[:, 0] - 1)
        model, quality = chance.learn([before, after])
        self.assertLess(quality.calibration_error, 0.03)
        self.assertAlmostEqual(
            chance.judge(chance.predict(model, after[0]), after[1]).calibration_error,
            0,
            delta=0.08,
        )

    def test_what_raises_the_chance_is_named(self):
        model, _quality = self._learn(lambda known: 2 * known[:, 0] - known[:, 1])
        customers = model.reference + [[2, 0, 0], [0, -2, 0], [0, 0, 2]]
        parts = chance.contributions(model, customers)
        self.assertAlmostEqual(parts[0, 0], 4, delta=0.5)
        self.assertAlmostEqual(parts[1, 1], 2, delta=0.4)
        self.assertLess(np.abs(parts[2]).max(), 0.3)
        both = chance.contributions(model, customers, [[0, 1], [2]])
        self.assertEqual(both.shape, (3, 2))

    def test_one_period_is_judged_on_other_customers(self):
        period = self._simulate(1, lambda known: known[:, 0])
        _model, quality = chance.learn([period])
        self.assertEqual(quality.split, "customers")
        self.assertAlmostEqual(quality.auc, 0.74, delta=0.04)

    def test_noise_is_not_believed(self):
        _model, quality = self._learn(lambda known: 0 * known[:, 0])
        self.assertAlmostEqual(quality.auc, 0.5, delta=0.04)
        self.assertLess(quality.lift, 1.2)

    def test_intervals_hold_what_they_promise(self):
        """The scores of both kinds are normal and two apart, as in signal detection."""
        truth = norm.cdf(2**0.5)
        random = np.random.default_rng(7)
        happened = np.arange(150) < 50
        draws = [random.normal(2 * happened) for _draw in range(400)]
        told = [chance.judge(expit(score), happened) for score in draws]
        held = np.mean([each.auc_low < truth < each.auc_high for each in told])
        self.assertAlmostEqual(held, 0.95, delta=0.03)
        self.assertEqual(len(told[0].told), 5, "groups of 30")
        # All 15 of the tenth left: three times the average, by chance a little less.
        sure = chance.judge(expit(np.linspace(5, -5, 150)), happened)
        self.assertEqual((sure.lift, sure.lift_high), (3, 3))
        self.assertAlmostEqual(sure.lift_low, 3 * 15 / (15 + 1.96**2), places=2)
        self.assertEqual((sure.auc, sure.auc_high), (1, 1))

    def test_too_few_of_a_kind(self):
        self.assertFalse(chance.is_enough([True] * 990 + [False] * 10))
        with self.assertRaises(chance.TooLittleHistory):
            chance.learn([(np.zeros((50, 1)), [True] * 25 + [False] * 25)])

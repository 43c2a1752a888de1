import time

import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import recommendation
from . import shared_data


@tagged("post_install", "-at_install")
class TestRecommendation(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Two tastes: items 0 to 9 and 10 to 19; each customer buys in one, in time.
        random = np.random.default_rng(4)
        lines = [
            (customer, int(random.integers(10)) + 10 * (customer % 2), step)
            for customer in range(400)
            for step in range(8)
        ]
        cls.customer, cls.item, cls.day = np.transpose(lines)
        cls.matrix = recommendation.bought(cls.customer, cls.item, 400, 20)

    def test_taste_is_followed_and_named(self):
        for method in ("cosine", "regression"):
            with self.subTest(method):
                model = recommendation.learn(self.matrix, method)
                told = recommendation.recommend(model, self.matrix, [0, 1], 3)
                for row, taste in enumerate((0, 1)):
                    self.assertEqual(set(told.item[row] // 10), {taste})
                    self.assertEqual(set(told.because[row] // 10), {taste})
                    owned = set(self.matrix[row].indices.tolist())
                    self.assertFalse(owned & set(told.item[row].tolist()))
                    self.assertLessEqual(set(told.because[row].tolist()), owned)

    def test_what_cannot_be_sold_is_left_out(self):
        model = recommendation.learn(self.matrix, "cosine")
        allowed = np.arange(20) % 2 == 0
        told = recommendation.recommend(model, self.matrix, [0, 1], 20, allowed)
        self.assertEqual(set(told.item[told.item >= 0] % 2), {0})
        self.assertTrue((told.item == -1).any(), "no more than there are")

    def test_the_better_method_is_chosen(self):
        quality = recommendation.choose(self.customer, self.item, self.day, 4, 400, 20)
        self.assertIn(quality.method, ("cosine", "regression"))
        self.assertGreater(quality.hit_at_5, quality.popularity_at_5 + 0.1)

    def test_nobody_bought_something_new(self):
        with self.assertRaises(recommendation.TooLittleHistory):
            recommendation.choose(self.customer, self.item, self.day, 8, 400, 20)

    def test_online_retail(self):
        """Features, rows 19 and 45: hit rate at 10 and a minute for 541,909 lines."""
        retail = shared_data.OnlineRetail()
        started = time.monotonic()
        quality = recommendation.choose(
            *retail.goods, retail.CUT, retail.customers.size, retail.items.size
        )
        matrix = recommendation.bought(
            *retail.goods[:2], retail.customers.size, retail.items.size
        )
        model = recommendation.learn(matrix, quality.method)
        recommendation.recommend(model, matrix, np.arange(retail.customers.size))
        self.assertLess(time.monotonic() - started, 60)
        self.assertAlmostEqual(quality.popularity_at_10, 0.324, delta=0.01)
        self.assertGreaterEqual(quality.hit_at_10, 0.45)
        self.assertGreaterEqual(quality.rivals["cosine"], 0.45)

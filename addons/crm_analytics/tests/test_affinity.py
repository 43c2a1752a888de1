import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import affinity
from . import shared_data


@tagged("post_install", "-at_install")
class TestAffinity(BaseCase):
    def test_figures_by_hand(self):
        baskets = [(0, 1), (0, 1), (0, 1), (0, 1), (0, 1), (0,), (1,), (2,), (2,), (2,)]
        lines = [(number, item) for number, row in enumerate(baskets) for item in row]
        matrix = affinity.baskets_with(*np.transpose(lines))
        told = affinity.rules(matrix, 0.1, discovery=1)
        self.assertEqual(told.left.ravel().tolist(), [1, 0])
        self.assertEqual(told.right.tolist(), [0, 1])
        self.assertAlmostEqual(told.support[0], 0.5)
        self.assertAlmostEqual(told.confidence[0], 5 / 6)
        self.assertAlmostEqual(told.lift[0], 5 / 6 / 0.6)
        # All six others in the ten: C(6,5)C(4,1)/C(10,6) + C(6,6)/C(10,6).
        self.assertAlmostEqual(told.p_value[0], 25 / 210)

    def test_chance_makes_no_rule(self):
        """Of 40 items bought at random some pairs look strong: none is told."""
        random = np.random.default_rng(2)
        matrix = affinity.baskets_with(*np.nonzero(random.random((2000, 40)) < 0.05))
        loose = affinity.rules(matrix, 0.001, discovery=1)
        self.assertGreater(loose.lift.max(), 1.8)
        self.assertEqual(affinity.rules(matrix, 0.001).right.size, 0)

    def test_a_planted_pair_is_found(self):
        random = np.random.default_rng(2)
        bought = random.random((2000, 40)) < 0.05
        bought[:, 7] |= bought[:, 3] & (random.random(2000) < 0.5)
        told = affinity.rules(affinity.baskets_with(*np.nonzero(bought)), 0.001)
        self.assertEqual(
            sorted(zip(told.left.ravel().tolist(), told.right.tolist(), strict=True)),
            [(3, 7), (7, 3)],
        )

    def test_nothing_bought_together(self):
        told = affinity.rules(affinity.baskets_with([0, 1, 2], [0, 1, 2]), 0.1)
        self.assertEqual(told.right.size, 0)

    def test_groceries(self):
        """Hahsler, Hornik, Reutterer: 15 rules; features, row 45."""
        rows = shared_data.read("groceries_baskets")
        _ids, basket = np.unique(
            [row["basket_id"] for row in rows], return_inverse=True
        )
        names, item = np.unique([row["item"] for row in rows], return_inverse=True)
        matrix = affinity.baskets_with(basket, item)
        told = affinity.rules(matrix, 0.01, 0.5, most_items=3)
        self.assertEqual(told.right.size, 15)
        pairs = affinity.rules(matrix, 0.01)
        vegetables, milk = np.searchsorted(names, ["other vegetables", "whole milk"])
        row = np.flatnonzero((pairs.left[:, 0] == vegetables) & (pairs.right == milk))
        self.assertAlmostEqual(pairs.support[row].item(), 0.0748, places=4)
        self.assertAlmostEqual(pairs.lift[row].item(), 1.514, places=3)

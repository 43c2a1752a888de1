import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import rfm


@tagged("post_install", "-at_install")
class TestRfm(BaseCase):
    def test_fifths_of_distinct_values(self):
        scores = rfm.quintiles(np.arange(100))
        self.assertEqual(np.bincount(scores).tolist(), [0, 20, 20, 20, 20, 20])
        self.assertTrue((np.diff(scores) >= 0).all())

    def test_equal_values_get_equal_scores(self):
        scores = rfm.quintiles([1] * 60 + [2] * 30 + [3] * 10)
        self.assertEqual(len(set(scores[:60])), 1)
        self.assertEqual(len(set(scores[60:90])), 1)
        self.assertLess(scores[0], scores[60])
        self.assertLess(scores[60], scores[99])

    def test_all_alike_are_in_the_middle(self):
        self.assertEqual(set(rfm.quintiles([7, 7, 7, 7])), {3})

    def test_no_customer(self):
        self.assertEqual(rfm.quintiles([]).size, 0)

    def test_every_combination_of_scores_has_a_cell(self):
        grid = np.array(np.meshgrid(*[range(1, 6)] * 3)).reshape(3, -1)
        names = rfm.cell_names(*grid)
        self.assertNotIn("", set(names))

    def test_cells_of_known_customers(self):
        names = rfm.cell_names([5, 1, 1, 5, 3], [5, 5, 1, 1, 2], [5, 5, 1, 1, 2])
        self.assertEqual(
            names.tolist(),
            ["champions", "cannot_lose", "hibernating", "new", "attention"],
        )

    def test_fixed_limits_stay_when_the_customers_change(self):
        limits = rfm.adaptive_cut_points(np.arange(100))
        np.testing.assert_array_equal(
            rfm.fixed_scores(np.arange(100), limits), rfm.quintiles(np.arange(100))
        )
        richer = np.arange(50, 100)
        np.testing.assert_array_equal(
            rfm.fixed_scores(richer, limits), rfm.quintiles(np.arange(100))[50:]
        )
        self.assertEqual(
            rfm.fixed_scores([0, 1, 4, 9], [1, 2, 3, 4]).tolist(), [1, 2, 5, 5]
        )

    def test_limits_of_many_equal_values_give_the_same_scores(self):
        for values in ([1] * 60 + [2] * 30 + [3] * 10, [7] * 4, [5]):
            limits = rfm.adaptive_cut_points(values)
            self.assertEqual(
                rfm.fixed_scores(values, limits).tolist(),
                rfm.quintiles(values).tolist(),
            )

    def test_limits_that_fall_are_refused(self):
        for limits in ([1, 2, 3], [1, 3, 2, 4]):
            with self.assertRaises(ValueError):
                rfm.fixed_scores([1], limits)

from odoo.tests import BaseCase, tagged

from ..experiments.control_group import Group, mean_difference, rate_difference


@tagged("post_install", "-at_install")
class TestControlGroup(BaseCase):
    """Intervals of differences, against published figures."""

    def _difference(self, buyers, customers, control_buyers, control_customers):
        return rate_difference(
            Group(customers, buyers, 0, 0),
            Group(control_customers, control_buyers, 0, 0),
        )

    def test_newcombe_table(self):
        """Newcombe 1998, table II: the cases (a), (b), (d), (f) and (g), method 10."""
        for case, low, high in (
            ((56, 70, 48, 80), 0.0524, 0.3339),
            ((9, 10, 3, 10), 0.1705, 0.8090),
            ((5, 56, 0, 29), -0.0381, 0.1926),
            ((0, 10, 0, 20), -0.1611, 0.2775),
            ((10, 10, 0, 10), 0.6075, 1.0000),
        ):
            with self.subTest(case):
                difference = self._difference(*case)
                self.assertAlmostEqual(difference.low, low, places=4)
                self.assertAlmostEqual(difference.high, high, places=4)

    def test_sign_is_proven_by_the_interval(self):
        self.assertTrue(self._difference(56, 70, 48, 80).is_proven)
        self.assertFalse(self._difference(5, 56, 0, 29).is_proven)
        self.assertIsNone(self._difference(5, 56, 0, 0))

    def test_welch_interval(self):
        """Two samples by hand: 1..5 and 2, 4, 6, 8 have means 3 and 5."""
        first = Group(5, 5, 15, 55)
        second = Group(4, 4, 20, 120)
        difference = mean_difference(first, second)
        self.assertAlmostEqual(difference.value, -2)
        # s^2/n = 0.5 and 1.6667, 4.75 degrees of freedom, t = 2.612
        self.assertAlmostEqual(difference.low, -2 - 2.6119 * 2.1667**0.5, places=2)
        self.assertAlmostEqual(difference.high, -2 + 2.6119 * 2.1667**0.5, places=2)
        self.assertIsNone(mean_difference(first, Group(1, 1, 5, 25)))

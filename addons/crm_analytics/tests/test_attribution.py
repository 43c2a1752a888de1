import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import attribution


@tagged("post_install", "-at_install")
class TestAttribution(BaseCase):
    def test_rules_by_hand(self):
        for rule, shares in (
            ("first", (1, 0, 0, 0)),
            ("last", (0, 0, 0, 1)),
            ("linear", (0.25, 0.25, 0.25, 0.25)),
            ("position", (0.4, 0.1, 0.1, 0.4)),
            ("decay", (1 / 15, 2 / 15, 4 / 15, 8 / 15)),
        ):
            with self.subTest(rule):
                told = attribution.share_credit([21, 14, 7, 0], rule)
                np.testing.assert_allclose(told, shares)

    def test_removal_by_hand(self):
        """Start to A always; A to the order 1 of 4, to B 2 of 4; B to the order 1 of 2.

        All: 1/4 + 2/4 * 1/2 = 1/2. Without B: 1/4. Without A: nothing.
        """
        effects = attribution.removal_effects(
            [["A"], ["A"], ["A", "B"], ["A", "B"]], [True, False, True, False]
        )
        self.assertAlmostEqual(effects["A"], 1)
        self.assertAlmostEqual(effects["B"], 0.5)
        self.assertAlmostEqual(attribution.share_by_removal(effects)["B"], 1 / 3)

    def test_customers_who_went_the_same_way_can_be_counted(self):
        plain = attribution.removal_effects(
            [["A", "B"], ["A", "B"], ["B"]], [True, True, False]
        )
        counted = attribution.removal_effects(
            [["A", "B"], ["B"]], [True, False], weight=[2, 1]
        )
        self.assertEqual(plain, counted)

    def test_a_touch_that_leads_nowhere_has_no_effect(self):
        effects = attribution.removal_effects([["A"], ["C"]], [True, False])
        self.assertEqual(effects["C"], 0)

    def test_loops_end(self):
        effects = attribution.removal_effects([["A", "A", "B", "A"]], [True])
        self.assertAlmostEqual(effects["A"], 1)

    def test_nobody_ordered(self):
        self.assertEqual(attribution.removal_effects([["A"]], [False]), {"A": 0.0})

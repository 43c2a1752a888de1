from math import inf

from odoo.tests import BaseCase, tagged

from ..complaint_rates import compare_rates, find_discoveries, probability_of_rise


@tagged("post_install", "-at_install")
class TestComplaintRates(BaseCase):
    def test_the_ratio_is_that_of_the_example_of_r(self):
        # R, help page of stats::poisson.test: 11 of 800 against 21 of 3011
        # (Eba1977): 1.971488, 95 percent from 0.8584264 to 4.2772659.
        found = compare_rates(21, 3011, 11, 800)
        self.assertAlmostEqual(found.ratio, 1.971488, places=6)
        self.assertAlmostEqual(found.low, 0.8584264, places=6)
        self.assertAlmostEqual(found.high, 4.2772659, places=6)
        self.assertEqual(found.verdict, "not_shown")

    def test_verdicts(self):
        self.assertEqual(compare_rates(40, 1000, 5, 1000).verdict, "effective")
        self.assertEqual(compare_rates(5, 1000, 40, 1000).verdict, "worse")
        self.assertEqual(compare_rates(40, 1000, 20, 500).ratio, 1)

    def test_none_before_or_after(self):
        gone = compare_rates(12, 1000, 0, 1000)
        self.assertEqual((gone.ratio, gone.low), (0, 0))
        # (1 - 0.025 ** (1/12)) / 0.025 ** (1/12) by hand: the rule of no events.
        share = 1 - 0.025 ** (1 / 12)
        self.assertAlmostEqual(gone.high, share / (1 - share))
        self.assertEqual(compare_rates(0, 1000, 12, 1000).ratio, inf)
        self.assertIsNone(compare_rates(0, 1000, 0, 1000))
        self.assertIsNone(compare_rates(3, 0, 2, 1000))

    def test_a_rise_is_judged_with_the_doubt_of_the_past(self):
        # Binomial by hand: 3 new, none past, a week against twelve: (1/13)^3.
        self.assertAlmostEqual(probability_of_rise(3, 7, 0, 84), (1 / 13) ** 3)
        self.assertEqual(probability_of_rise(0, 7, 24, 84), 1)
        self.assertGreater(probability_of_rise(3, 7, 24, 84), 0.2)
        self.assertLess(probability_of_rise(12, 7, 24, 84), 1e-4)

    def test_the_published_example_of_false_discoveries(self):
        # Benjamini and Hochberg (1995), section 2.4: of these 15 four are believed.
        p_values = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
            0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
        ]  # fmt: skip
        self.assertEqual(find_discoveries(p_values, 0.05), {0, 1, 2, 3})
        self.assertEqual(find_discoveries(p_values[::-1], 0.05), {11, 12, 13, 14})
        self.assertEqual(find_discoveries([], 0.05), set())
        self.assertEqual(find_discoveries([0.9, 0.8], 0.05), set())

import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import forecast


@tagged("post_install", "-at_install")
class TestForecast(BaseCase):
    def _series(self, size, trend=0.0, season=0.0, noise=1.0, seed=1):
        time = np.arange(size)
        random = np.random.default_rng(seed)
        wave = season * np.sin(2 * np.pi * time / 7)
        return 100 + trend * time + wave + random.normal(0, noise, size)

    def test_season_and_trend_are_told_better_than_the_season_repeated(self):
        values = self._series(210, trend=0.5, season=20, noise=3)
        told = forecast.forecast(values[:196], 14, 7)
        self.assertLess(told.quality.error, told.quality.naive_error * 0.85)
        self.assertIn("season", told.quality.method)
        np.testing.assert_allclose(told.mean, values[196:], atol=12)

    def test_four_of_five_lie_inside_the_interval(self):
        inside = []
        for seed in range(8):
            values = self._series(214, season=10, noise=5, seed=seed)
            told = forecast.forecast(values[:200], 14, 7)
            inside.append((told.low <= values[200:]) & (values[200:] <= told.high))
        self.assertGreaterEqual(np.mean(inside), 0.72)
        self.assertLessEqual(np.mean(inside), 0.9)

    def test_nothing_of_the_future_is_known(self):
        values = self._series(120, season=10)
        other = values.copy()
        other[-14:] = 1e6
        methods = forecast._methods(7)
        for name, method in methods.items():
            with self.subTest(name):
                np.testing.assert_array_equal(
                    method(values[:106], 14), method(other[:106], 14)
                )

    def test_the_error_is_that_of_the_choice_made_before(self):
        """A method that does best at first and worst later is judged by the later."""
        origins = [20, 40, 60, 80, 100, 120]
        missed = {
            forecast.NAIVE: np.full((6, 5), 4.0),
            "other": np.repeat([[0.0], [0], [0], [30], [1], [1]], 5, axis=1),
        }
        error, naive_error, coverage = forecast._backtest(missed, origins)
        # At 80 the other one is chosen, afterwards no more: 30, 4 and 4.
        self.assertAlmostEqual(error, 38 / 3)
        self.assertAlmostEqual(naive_error, 4)
        self.assertAlmostEqual(coverage, 2 / 3)

    def test_what_had_not_come_yet_does_not_choose(self):
        missed = {
            forecast.NAIVE: np.full((4, 3), 4.0),
            "other": np.array([[9.0, 0, 0], [9, 0, 0], [9, 0, 0], [7, 7, 7]]),
        }
        error, _naive, _coverage = forecast._backtest(missed, [10, 10, 10, 11])
        self.assertAlmostEqual(error, 4, msg="only the first step was known")

    def test_counts_do_not_become_negative(self):
        random = np.random.default_rng(3)
        told = forecast.forecast(random.poisson(0.4, 120), 14, 7)
        self.assertTrue((told.low >= 0).all())

    def test_too_short(self):
        with self.assertRaises(forecast.SeriesTooShort):
            forecast.forecast([1, 2, 3, 4, 5, 6], 3)

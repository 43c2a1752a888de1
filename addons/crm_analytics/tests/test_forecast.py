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

    def test_counts_do_not_become_negative(self):
        random = np.random.default_rng(3)
        told = forecast.forecast(random.poisson(0.4, 120), 14, 7)
        self.assertTrue((told.low >= 0).all())

    def test_too_short(self):
        with self.assertRaises(forecast.SeriesTooShort):
            forecast.forecast([1, 2, 3, 4, 5, 6], 3)

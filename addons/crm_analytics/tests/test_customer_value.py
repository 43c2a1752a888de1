import numpy as np
from scipy.optimize import check_grad

from odoo.tests import BaseCase, tagged

from ..engine import bg_nbd, customer_value, gamma_gamma
from .analytics_case import simulate_bg_nbd

PARAMETERS = (0.6, 6.0, 0.9, 2.8)


@tagged("post_install", "-at_install")
class TestCustomerValue(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = simulate_bg_nbd(6000, PARAMETERS, age=40)
        cls.fitted = bg_nbd.fit(*cls.customers)

    def test_parameters_that_made_the_customers_are_found_again(self):
        for value, error, true in zip(
            self.fitted.parameters, self.fitted.standard_errors, PARAMETERS, strict=True
        ):
            self.assertLess(abs(value - true), 4 * error)

    def test_gradients_are_those_of_the_likelihoods(self):
        rows, counts = bg_nbd.group(*self.customers)
        error = check_grad(
            lambda p: bg_nbd.log_likelihood(p, rows, counts)[0] / counts.sum(),
            lambda p: bg_nbd.log_likelihood(p, rows, counts)[1] / counts.sum(),
            np.array(PARAMETERS) * 1.3,
        )
        self.assertLess(error, 1e-6)
        frequency, value = np.array([1.0, 3.0, 8.0]), np.array([0.7, 1.1, 2.0])
        error = check_grad(
            lambda p: gamma_gamma.log_likelihood(p, frequency, value)[0],
            lambda p: gamma_gamma.log_likelihood(p, frequency, value)[1],
            np.array([3.0, 4.0, 2.0]),
        )
        self.assertLess(error, 1e-5)

    def test_grouping_does_not_change_the_likelihood(self):
        rows, counts = bg_nbd.group(*self.customers)
        each = np.column_stack(self.customers)
        ones = np.ones(len(each))
        self.assertLess(len(rows), len(each))
        self.assertAlmostEqual(
            bg_nbd.log_likelihood(PARAMETERS, rows, counts)[0],
            bg_nbd.log_likelihood(PARAMETERS, each, ones)[0],
            places=6,
        )

    def test_silence_is_as_frequent_as_forecast(self):
        frequency, recency, age = self.customers
        fresh = frequency == 0
        forecast = bg_nbd.probability_of_silence(self.fitted, [0], [0], [40], 20)
        # Draw the future of those who had not bought again: their rates are gamma
        # distributed with the time they have been silent added.
        random = np.random.default_rng(2)
        r, alpha = self.fitted.r, self.fitted.alpha
        rates = random.gamma(r, 1 / (alpha + 40), 200_000)
        drawn = (random.exponential(1 / rates) > 20).mean()
        self.assertAlmostEqual(forecast[0], drawn, delta=0.005)
        everyone = bg_nbd.probability_of_silence(
            self.fitted, frequency, recency, age, 20
        )
        self.assertTrue(((everyone > 0) & (everyone < 1)).all())
        self.assertGreater(everyone[fresh].mean(), everyone[~fresh].min())

    def test_a_longer_silence_is_a_higher_risk(self):
        alive = bg_nbd.probability_alive(self.fitted, [5, 5], [39, 10], [40, 40])
        self.assertGreater(alive[0], alive[1])

    def test_discounting_lowers_the_value(self):
        buyer = ([3.0], [30.0], [40.0])
        plain = customer_value.discounted_purchases(self.fitted, *buyer, 12, 0.0, 4.35)
        dear = customer_value.discounted_purchases(self.fitted, *buyer, 12, 0.5, 4.35)
        horizon = bg_nbd.expected_purchases(self.fitted, *buyer, 12 * 4.35)
        np.testing.assert_allclose(plain, horizon, rtol=1e-9)
        self.assertLess(dear[0], plain[0])
        self.assertGreater(dear[0], plain[0] / 1.5)

    def test_nobody_bought_again(self):
        with self.assertRaisesRegex(bg_nbd.FitError, "bought again"):
            bg_nbd.fit([0, 0], [0, 0], [10, 20])
        with self.assertRaisesRegex(bg_nbd.FitError, "bought again"):
            gamma_gamma.fit([0, 1], [0, 5])

    def test_plain_value_of_a_new_customer_is_not_blown_up(self):
        value = customer_value.plain_value(
            [1, 1, 0], [100, 100, 0], [1, 730, 0], 12, 30.4
        )
        self.assertEqual(value[0], 100)
        self.assertAlmostEqual(value[1], 50, places=0)
        self.assertEqual(value[2], 0)

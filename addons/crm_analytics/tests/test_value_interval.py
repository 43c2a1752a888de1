import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import bg_nbd, gamma_gamma, value_interval

BUYING = bg_nbd.BgNbdFit(0.243, 4.414, 0.793, 2.426, (0,) * 4, 0.0, 0)
SPENDING = gamma_gamma.GammaGammaFit(6.25, 3.74, 15.44, 0.0)
HORIZON = 52
# Frequency, recency, age, mean value.
CUSTOMERS = np.array(
    [
        (0, 0, 39, 0),
        (1, 20, 38, 20),
        (5, 30, 38, 30),
        (10, 38, 39, 25),
        (20, 39, 39, 60),
        (40, 38.5, 39, 30),
    ],
    float,
).T


@tagged("post_install", "-at_install")
class TestValueInterval(BaseCase):
    def test_mean_and_silence_are_those_of_the_paper(self):
        count = value_interval.purchase_count(BUYING, *CUSTOMERS[:3], HORIZON)
        expected = bg_nbd.expected_purchases(BUYING, *CUSTOMERS[:3], HORIZON)
        mean = (count.chance * count.mean).sum(axis=0)
        np.testing.assert_allclose(mean, expected, rtol=0.005)
        silent = bg_nbd.probability_of_silence(BUYING, *CUSTOMERS[:3], HORIZON)
        np.testing.assert_allclose(count.none, silent, rtol=1e-9)

    def test_one_in_ten_is_below_and_one_above(self):
        low, high = value_interval.spending(BUYING, SPENDING, CUSTOMERS, HORIZON)
        for place, customer in enumerate(CUSTOMERS.T):
            spent = simulate_spending(*customer)
            with self.subTest(frequency=customer[0]):
                self.assertAlmostEqual((spent > high[place]).mean(), 0.1, delta=0.025)
                if (spent == 0).mean() > 0.1:
                    self.assertEqual(low[place], 0)
                else:
                    below = (spent < low[place]).mean()
                    self.assertAlmostEqual(below, 0.1, delta=0.03)

    def test_most_who_are_lost_spend_nothing(self):
        lost = np.array([[12.0], [2.0], [200.0], [30.0]])
        low, high = value_interval.spending(BUYING, SPENDING, lost, HORIZON)
        self.assertEqual((low[0], high[0]), (0, 0))

    def test_all_drop_out_alike(self):
        """Then the chance to drop out is one number, and the forecast a short sum.

        Of the last customer both forms of equation 10 overflow.
        """
        alike = bg_nbd.BgNbdFit(1.28, 191.8, 25000.0, 150000.0, (0,) * 4, 0.0, 0)
        frequency, recency, age = np.array(
            [
                (0, 0, 30),
                (3, 350, 400),
                (50, 790, 800),
                (1000, 1795, 1800),
                (20_000, 1799.9, 1800),
            ],
            float,
        ).T
        drop = 25_000 / (175_000 + frequency)
        alive = bg_nbd.probability_alive(alike, frequency, recency, age)
        silent = (1 + drop * 365 / (191.8 + age)) ** -(1.28 + frequency)
        np.testing.assert_allclose(
            bg_nbd.expected_purchases(alike, frequency, recency, age, 365),
            alive * (1 - silent) / drop,
            rtol=0.01,
        )

    def test_who_buys_every_day_has_a_forecast(self):
        daily = [np.array([part]) for part in (1500.0, 1499.0, 1500.0)]
        per_day = BUYING._replace(alpha=BUYING.alpha * 7)
        year, five = (
            bg_nbd.expected_purchases(per_day, *daily, days)[0]
            for days in (365, 5 * 365)
        )
        self.assertTrue(200 < year < 365)
        self.assertTrue(year < five < 5 * 365)
        customers = (*daily, np.array([30.0]))
        low, high = value_interval.spending(per_day, SPENDING, customers, 365)
        self.assertTrue(0 < low[0] < 30 * year < high[0])


def simulate_spending(frequency, recency, age, value, number=20000):
    """Draw what customers with this past spend: each has rates of his own."""
    random = np.random.default_rng(5)
    alive = random.random(number) < bg_nbd.probability_alive(
        BUYING, frequency, recency, age
    )
    rate = random.gamma(BUYING.r + frequency, 1 / (BUYING.alpha + age), number)
    dropout = random.beta(BUYING.a, BUYING.b + frequency, number)
    purchases, clock = np.zeros(number), np.zeros(number)
    while alive.any():
        clock[alive] += random.exponential(1 / rate[alive])
        alive &= clock < HORIZON
        purchases[alive] += 1
        alive &= random.random(number) >= dropout
    p, q, v = SPENDING.parameters
    scale = random.gamma(q + p * frequency, 1 / (v + frequency * value), number)
    amount = random.gamma(np.maximum(p * purchases, 1e-9)) / scale
    return np.where(purchases > 0, amount, 0)

import numpy as np
from scipy.optimize import linprog

from odoo.tests import BaseCase, tagged

from ..engine.contact_assignment import assign, assign_best_first


@tagged("post_install", "-at_install")
class TestContactAssignment(BaseCase):
    """The best contacts within cap, budget and capacity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = np.random.default_rng(3)
        cls.value = rng.gamma(2, 3, size=(300, 4)) - 2
        cls.cost = np.array([1.0, 2.0, 3.0, 0.5])
        cls.limits = {"cap": 2, "budget": 250.0, "capacity": np.array([80, 50, 99, 70])}

    def _solve_exactly(self):
        """Return the optimum of the linear program, an upper bound."""
        customers, campaigns = self.value.shape
        per_customer = np.kron(np.eye(customers), np.ones(campaigns))
        per_campaign = np.tile(np.eye(campaigns), customers)
        result = linprog(
            -self.value.ravel(),
            A_ub=np.vstack([per_customer, per_campaign, np.tile(self.cost, customers)]),
            b_ub=np.concatenate(
                [
                    np.full(customers, self.limits["cap"]),
                    self.limits["capacity"],
                    [self.limits["budget"]],
                ]
            ),
            bounds=(0, 1),
            method="highs",
        )
        return -result.fun

    def test_near_the_optimum_within_all_limits(self):
        result = assign(self.value, self.cost, **self.limits)
        self.assertLessEqual(result.chosen.sum(axis=1).max(), 2)
        self.assertTrue((result.chosen.sum(axis=0) <= self.limits["capacity"]).all())
        self.assertLessEqual((result.chosen * self.cost).sum(), 250)
        optimum = self._solve_exactly()
        self.assertLessEqual(result.value, optimum + 1e-6)
        self.assertGreaterEqual(result.value, 0.99 * optimum)
        self.assertGreaterEqual(result.bound, optimum - 1e-6)

    def test_better_than_best_customers_first(self):
        worth = np.random.default_rng(4).random(300)
        plain = assign_best_first(worth, range(4), self.value, self.cost, **self.limits)
        result = assign(self.value, self.cost, **self.limits)
        self.assertGreater(result.value, sum(self.value[pair] for pair in plain))

    def test_contacts_that_cost_more_than_they_bring_are_left(self):
        result = assign(np.array([[-1.0, 2.0], [-3.0, -0.5]]), np.zeros(2), cap=2)
        self.assertEqual(result.chosen.tolist(), [[False, True], [False, False]])

    def test_who_may_not_get_it_never_does(self):
        excluded = np.zeros(self.value.shape, bool)
        excluded[:, 2] = True
        result = assign(self.value, self.cost, **self.limits, excluded=excluded)
        self.assertFalse(result.chosen[:, 2].any())

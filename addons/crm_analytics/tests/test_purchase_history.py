import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import purchase_history


@tagged("post_install", "-at_install")
class TestPurchaseHistory(BaseCase):
    def _build(self, purchases, **options):
        customer, day, value = zip(*purchases, strict=True)
        return purchase_history.build(customer, day, value, **options)

    def test_purchases_of_a_day_are_one(self):
        history = self._build([(1, 5, 10), (0, 3, 1), (1, 5, 20), (1, 9, 4)])
        self.assertEqual(history.customer.tolist(), [0, 1, 1])
        self.assertEqual(history.value.tolist(), [1, 30, 4])
        self.assertEqual(history.lines.tolist(), [1, 2, 1])

    def test_figures_by_hand(self):
        history = self._build([(0, 0, 10), (0, 10, 30), (0, 20, 20), (1, 95, 5)])
        seen = purchase_history.features(history, 100)
        first = {
            name: round(float(np.expm1(seen.column(name)[0])), 6) for name in seen.names
        }
        self.assertEqual(seen.customer.tolist(), [0, 1])
        self.assertEqual(
            [first[name] for name in ("silence", "orders", "age", "revenue")],
            [80, 3, 100, 60],
        )
        self.assertEqual(first["overdue"], 8, "80 days, usually every 10")
        self.assertEqual((first["orders_30"], first["orders_90"]), (0, 1))
        self.assertEqual(first["basket"], 20)

    def test_the_future_does_not_leak(self):
        random = np.random.default_rng(3)
        facts = np.column_stack(
            [random.integers(0, 50, 900), random.integers(0, 300, 900), np.ones(900)]
        )
        complaints = random.integers(0, 50, 200), random.integers(0, 300, 200)
        whole = self._build(facts, signals={"complaint": complaints})
        past = facts[:, 1] <= 180
        told = complaints[1] <= 180
        known = self._build(
            facts[past],
            customer_count=50,
            signals={"complaint": (complaints[0][told], complaints[1][told])},
        )
        np.testing.assert_array_equal(
            purchase_history.features(whole, 180).known,
            purchase_history.features(known, 180).known,
        )

    def test_days_to_the_next_purchase(self):
        history = self._build([(0, 0, 1), (0, 40, 1), (0, 60, 1), (1, 3, 1)])
        days = purchase_history.days_to_next(history, np.array([0, 1]), 10)
        self.assertEqual(days.tolist(), [30, np.inf])

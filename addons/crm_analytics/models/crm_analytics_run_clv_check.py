from datetime import timedelta

import numpy as np

from odoo import api, models

from ..analysis_results import charts
from ..engine import bg_nbd, gamma_gamma, goodness_of_fit, value_interval

# The last third of the history is kept from the model, a horizon at most.
PART_KEPT = 3
LEAST_DAYS = 30


class CrmAnalyticsRun(models.Model):
    """Would the lifetime values of an earlier day have come true?

    The model is fitted once more on what was known then and compared with what those
    customers bought afterwards.
    """

    _inherit = "crm.analytics.run"

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            "holdout.days": self.env._("Tried on the last days"),
            "holdout.customers": self.env._("Customers known before"),
            "holdout.expected_orders": self.env._("Orders forecast for these days"),
            "holdout.orders": self.env._("Orders in these days"),
            "holdout.error": self.env._("Off by orders per customer, on average"),
            "holdout.expected_revenue": self.env._("Revenue forecast"),
            "holdout.revenue": self.env._("Revenue"),
            "holdout.below": self.env._("Customers who spent less than the interval"),
            "holdout.above": self.env._("Customers who spent more than the interval"),
        }

    def _check_value(self, customers):
        """Return figures and charts of a trial on the last part of the history.

        :param dict customers: what :meth:`_read_customers` read for the forecast
        :return: ``{name: figure}`` and a list of charts; both empty where the history
            is too short or the earlier customers do not tell a model
        """
        days = int(min(self._get_horizon_days(), customers["age"].max() / PART_KEPT))
        if days < LEAST_DAYS:
            return {}, []
        earlier = self._read_customers(self._get_cutoff() - timedelta(days=days))
        buying = [earlier[name] for name in ("frequency", "recency", "age")]
        try:
            model = bg_nbd.fit(*buying)
            spending = gamma_gamma.fit(earlier["frequency"], earlier["repeat_value"])
        except bg_nbd.FitError:
            return {}, []
        expected = bg_nbd.expected_purchases(model, *buying, days)
        value = gamma_gamma.expected_value(
            spending, earlier["frequency"], earlier["repeat_value"]
        )
        low, high = value_interval.spending(
            model, spending, (*buying, earlier["repeat_value"]), days
        )
        place = np.searchsorted(customers["profile_id"], earlier["profile_id"])
        orders = customers["frequency"][place] - earlier["frequency"]
        revenue = customers["revenue"][place] - earlier["revenue"]
        figures = {
            "days": days,
            "customers": len(orders),
            "expected_orders": expected.sum(),
            "orders": orders.sum(),
            "error": np.abs(expected - orders).mean(),
            "expected_revenue": (expected * value).sum(),
            "revenue": revenue.sum(),
            "below": (revenue < low - 0.005).mean(),
            "above": (revenue > high + 0.005).mean(),
        }
        return {key: float(figure) for key, figure in figures.items()}, [
            self._get_count_chart(earlier["frequency"], orders, expected),
            self._get_spending_chart(revenue, expected * value),
        ]

    def _get_count_chart(self, frequency, orders, expected):
        actual, told = goodness_of_fit.by_frequency(frequency, orders, expected)
        labels = [str(number + 1) for number in range(len(actual))]
        labels[-1] += "+"
        return charts.line_chart(
            "clv_holdout_orders",
            self.env._("Orders of the days kept back, per customer"),
            labels,
            [
                (self.env._("Ordered"), actual, False),
                (self.env._("Forecast"), told, True),
            ],
            self.env._("Orders before"),
        )

    def _get_spending_chart(self, revenue, expected):
        told, spent = charts.tenths(expected, revenue)
        return charts.line_chart(
            "clv_holdout_revenue",
            self.env._("Revenue of the days kept back, per customer"),
            range(1, told.size + 1),
            [
                (self.env._("Spent"), spent, False),
                (self.env._("Forecast"), told, True),
            ],
            self.env._("Tenths of the customers, highest forecast first"),
        )

import numpy as np

from odoo import api, fields, models

from ..analysis_results import charts
from ..analysis_results.outcome import Outcome
from ..engine import (
    bg_nbd,
    customer_value,
    gamma_gamma,
    value_classes,
    value_interval,
)
from .crm_analytics_run import DAYS_OF_A_MONTH


class CrmAnalyticsRun(models.Model):
    """Customer lifetime value: expected orders times expected value, discounted."""

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("clv", "Customer lifetime value")],
        ondelete={"clv": "cascade"},
    )
    discount_rate = fields.Float(
        default=10, help="Per cent a year, by which a later margin is worth less."
    )

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            **{
                f"bg_nbd.{name}": self.env._("Buying (BG/NBD): %s", name)
                for name in ("r", "alpha", "a", "b")
            },
            **{
                f"bg_nbd_standard_errors.{place}": self.env._(
                    "Standard error of %s", name
                )
                for place, name in enumerate(("r", "alpha", "a", "b"), 1)
            },
            "bg_nbd_log_likelihood": self.env._("Log-likelihood"),
            **{
                f"gamma_gamma.{name}": self.env._("Spending (gamma-gamma): %s", name)
                for name in "pqv"
            },
            "correlation": self.env._(
                "Correlation of number and value of orders (the model takes it as 0)"
            ),
            "margin_share": self.env._("Share of the revenue that is margin"),
            "reason": self.env._("Why no model"),
        }

    def _analyse_clv(self):
        customers = self._read_customers()
        if not customers["profile_id"].size:
            return self._say_nothing_to_analyse()
        buying = [customers[name] for name in ("frequency", "recency", "age")]
        try:
            model = bg_nbd.fit(*buying)
            spending = gamma_gamma.fit(
                customers["frequency"], customers["repeat_value"]
            )
        except bg_nbd.FitError as error:
            return self._analyse_clv_plainly(customers, error)
        shares, share_of_all = self._read_margin_shares(customers["profile_id"])
        columns = self._predict_value(model, spending, customers, shares)
        holdout, holdout_charts = self._check_value(customers)
        quality = self._get_clv_quality(model, spending, customers)
        return Outcome(
            self.env._("BG/NBD and gamma-gamma"),
            self._say_value(columns, holdout),
            {**quality, "margin_share": share_of_all, "holdout": holdout},
            [*self._get_clv_charts(columns["clv"]), *holdout_charts],
            customers["profile_id"],
            columns,
        )

    def _get_horizon_days(self):
        return self.horizon_months * DAYS_OF_A_MONTH

    def _predict_value(self, model, spending, customers, margin_shares):
        buying = [customers[name] for name in ("frequency", "recency", "age")]
        mean_value = customers["repeat_value"]
        horizon = self._get_horizon_days()
        discounted = customer_value.discounted_purchases(
            model,
            *buying,
            self.horizon_months,
            self.discount_rate / 100,
            DAYS_OF_A_MONTH,
        )
        expected = bg_nbd.expected_purchases(model, *buying, horizon)
        value = gamma_gamma.expected_value(spending, customers["frequency"], mean_value)
        clv = np.round(discounted * value * margin_shares, 2)
        # What is spent within the horizon is discounted as the purchases are.
        worth = margin_shares * discounted / np.maximum(expected, 1e-12)
        edges = value_interval.spending(model, spending, (*buying, mean_value), horizon)
        # Where goods are sold below cost, more orders are worth less.
        low, high = np.sort([np.round(edge * worth, 2) for edge in edges], axis=0)
        return {
            "clv": clv,
            "clv_low": low,
            "clv_high": high,
            "value_class": value_classes.classify(clv),
            "expected_orders": expected,
            "probability_alive": bg_nbd.probability_alive(model, *buying),
        }

    def _say_value(self, columns, holdout):
        currency = self.company_id.currency_id
        said = self.env._(
            "%(orders)s orders and a value of %(value)s expected within %(months)s "
            "months.",
            orders=f"{columns['expected_orders'].sum():,.0f}",
            value=currency.format(columns["clv"].sum()),
            months=self.horizon_months,
        )
        if not holdout:
            return said
        tried = self.env._(
            "Tried on the last %(days)s days, without knowing them: %(expected)s "
            "orders were forecast, %(orders)s came.",
            days=round(holdout["days"]),
            expected=round(holdout["expected_orders"]),
            orders=round(holdout["orders"]),
        )
        return f"{said} {tried}"

    def _get_clv_quality(self, model, spending, customers):
        names = ("r", "alpha", "a", "b")
        again = (customers["frequency"] > 0) & (customers["repeat_value"] > 0)
        pair = customers["frequency"][again], customers["repeat_value"][again]
        varied = all(part.std() for part in pair)
        return {
            "bg_nbd": dict(zip(names, model.parameters, strict=True)),
            "bg_nbd_standard_errors": _finite(model.standard_errors),
            "bg_nbd_log_likelihood": model.log_likelihood,
            "gamma_gamma": dict(zip("pqv", spending.parameters, strict=True)),
            "correlation": float(np.corrcoef(*pair)[0, 1]) if varied else None,
        }

    def _get_clv_charts(self, value):
        """Show which share of the value which share of the customers brings."""
        shares = np.linspace(0, 1, 11)
        cumulated = np.concatenate([[0], np.cumsum(np.sort(value)[::-1])])
        places = np.round(shares * value.size).astype(int)
        total = cumulated[-1] or 1
        return [
            charts.line_chart(
                "clv_concentration",
                self.env._("Value by customers, best first (%)"),
                [f"{share:.0%}" for share in shares],
                [
                    (self.env._("Value"), 100 * cumulated[places] / total, False),
                    (self.env._("If all were equal"), 100 * shares, True),
                ],
                self.env._("Customers"),
            )
        ]

    def _analyse_clv_plainly(self, customers, error):
        """Without a model: each customer goes on as he did, and the user is told."""
        plain = [self.horizon_months, DAYS_OF_A_MONTH]
        count, age = customers["order_count"], customers["age"]
        value = customer_value.plain_value(count, customers["revenue"], age, *plain)
        shares, share_of_all = self._read_margin_shares(customers["profile_id"])
        clv = np.round(value * shares, 2)
        columns = {
            "clv": clv,
            "clv_low": np.full(len(clv), np.nan),
            "clv_high": np.full(len(clv), np.nan),
            "value_class": value_classes.classify(clv),
            "expected_orders": customer_value.plain_value(count, count, age, *plain),
        }
        summary = self.env._(
            "Too little data for a model (%(reason)s): each customer is expected to go "
            "on as before.",
            reason=str(error),
        )
        return Outcome(
            self.env._("Past average"),
            summary,
            {"reason": str(error), "margin_share": share_of_all},
            self._get_clv_charts(columns["clv"]),
            customers["profile_id"],
            columns,
        )


def _finite(numbers):
    return [number if np.isfinite(number) else None for number in numbers]

from datetime import timedelta

import numpy as np

from odoo import api, fields, models

from ..analysis_results import charts
from ..analysis_results.outcome import Outcome
from ..engine import bg_nbd, churn
from .crm_analytics_run import DAYS_OF_A_MONTH


class CrmAnalyticsRun(models.Model):
    """Churn: who orders nothing within the horizon."""

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("churn", "Churn")], ondelete={"churn": "cascade"}
    )

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            "auc": self.env._("AUC (0.5 is chance, 1 is certainty)"),
            "lift": self.env._("Lift of the tenth most at risk"),
            "brier": self.env._("Brier score (less is better)"),
            "base_rate": self.env._("Share that left"),
            "customers": self.env._("Customers judged on"),
        }

    def _analyse_churn(self):
        customers = self._read_customers()
        if not customers["profile_id"].size:
            return self._say_nothing_to_analyse()
        learned = self._learn_churn()
        if learned:
            model, quality, figures = learned
            probability = churn.predict(model, _get_features(customers))
            method = self.env._("Logistic regression")
            summary = self.env._(
                "AUC %(auc)s on %(count)s customers of a later period; the tenth most "
                "at risk left %(lift)s times as often as the average.",
                auc=f"{quality.auc:.3f}",
                count=quality.customers,
                lift=f"{quality.lift:.2f}",
            )
            quality = quality._asdict()
        else:
            method, summary, probability = self._get_plain_churn(customers)
            quality, figures = {}, []
        risk = np.select(
            [probability < 1 / 3, probability <= 2 / 3], ["low", "medium"], "high"
        )
        columns = {"churn_probability": probability, "churn_risk": risk}
        return Outcome(
            method, summary, quality, figures, customers["profile_id"], columns
        )

    def _learn_churn(self):
        """Train on the period before the last one, judge on the last, train on it.

        :return: the model, its quality and charts of it; nothing when there is too
            little history
        """
        now = self._get_cutoff()
        horizon = timedelta(days=self.horizon_months * DAYS_OF_A_MONTH)
        periods = []
        for start in (now - 2 * horizon, now - horizon):
            known, silent = self._read_period(start, start + horizon)
            if not churn.is_enough(silent):
                return None
            periods.append((known, silent))
        (old_known, old_silent), (new_known, new_silent) = periods
        forecast = churn.predict(churn.train(old_known, old_silent), new_known)
        quality = churn.judge(forecast, new_silent)
        figures = self._get_churn_charts(forecast, new_silent)
        return churn.train(new_known, new_silent), quality, figures

    def _read_period(self, start, end):
        """Return what was known at ``start`` and who then ordered nothing."""
        before, after = self._read_customers(start), self._read_customers(end)
        places = np.searchsorted(after["profile_id"], before["profile_id"])
        silent = after["order_count"][places] == before["order_count"]
        return _get_features(before), silent

    def _get_churn_charts(self, forecast, silent):
        predicted, left = charts.tenths(forecast, silent)
        share = silent.mean()
        labels = range(1, predicted.size + 1)
        x_title = self.env._("Tenths of the customers, most at risk first")
        return [
            charts.line_chart(
                "churn_calibration",
                self.env._("Forecast against what happened (%)"),
                labels,
                [
                    (self.env._("Left"), 100 * left, False),
                    (self.env._("Forecast"), 100 * predicted, True),
                ],
                x_title,
            ),
            charts.line_chart(
                "churn_lift",
                self.env._("Times as often as the average"),
                labels,
                [(self.env._("Lift"), left / share, False)],
                x_title,
                kind="bar",
            ),
        ]

    def _get_plain_churn(self, customers):
        """Without two periods to learn from: by the rhythm of repeat buying."""
        buying = [customers[name] for name in ("frequency", "recency", "age")]
        horizon = self.horizon_months * DAYS_OF_A_MONTH
        try:
            model = bg_nbd.fit(*buying)
        except bg_nbd.FitError as error:
            silence = customers["age"] - customers["recency"]
            summary = self.env._(
                "Too little data for a model (%(reason)s): the risk grows with the "
                "time since the last order.",
                reason=str(error),
            )
            probability = 1 - np.exp(-silence / horizon)
            return self.env._("Time since last order"), summary, probability
        summary = self.env._(
            "Too little history to learn from what happened: the risk is that of the "
            "repeat-buying model, not validated."
        )
        probability = bg_nbd.probability_of_silence(model, *buying, horizon)
        return self.env._("BG/NBD"), summary, probability


def _get_features(customers):
    return churn.features(
        customers["frequency"],
        customers["recency"],
        customers["age"],
        customers["revenue"],
    )

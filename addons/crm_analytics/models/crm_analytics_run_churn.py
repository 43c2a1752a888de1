import numpy as np

from odoo import api, fields, models

from ..analysis_results import charts
from ..analysis_results.outcome import Outcome
from ..engine import bg_nbd, chance, churn
from .crm_analytics_run import DAYS_OF_A_MONTH


class CrmAnalyticsRun(models.Model):
    """Churn: who orders nothing within the horizon, and why it is expected."""

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("churn", "Churn")], ondelete={"churn": "cascade"}
    )

    @api.model
    def _get_quality_labels(self):
        methods = self._get_churn_methods()
        return {
            **super()._get_quality_labels(),
            "auc": self.env._(
                "Of a pair who left and who stayed, tells which (AUC; 0.5 is chance, 1 "
                "is certainty)"
            ),
            "auc_low": self.env._("AUC, lower end of the 95 % interval"),
            "auc_high": self.env._("AUC, upper end"),
            "lift": self.env._(
                "The tenth most at risk left so many times as often as all (lift)"
            ),
            "lift_low": self.env._("Lift, lower end of the 95 % interval"),
            "lift_high": self.env._("Lift, upper end"),
            "top_share": self.env._("Share of that tenth that left"),
            "brier": self.env._(
                "Mean squared error of the risk (Brier score; less is better)"
            ),
            "log_loss": self.env._(
                "Penalty for wrong risks (log loss; less is better)"
            ),
            "calibration_error": self.env._(
                "Told risk beside what happened, mean difference by groups of customers"
            ),
            "base_rate": self.env._("Share that left"),
            "customers": self.env._("Customers judged on"),
            "calibrator": self.env._("Calibrated by"),
            **{
                f"rivals.{name}": self.env._("Log loss: %s", label)
                for name, label in methods.items()
            },
        }

    @api.model
    def _get_churn_methods(self):
        return {
            "logistic": self.env._("Logistic regression"),
            "trees": self.env._("Boosted trees"),
        }

    def _analyse_churn(self):
        profile_ids, history, today = self._read_history()
        if not profile_ids.size:
            return self._say_nothing_to_analyse()
        days = round(self.horizon_months * DAYS_OF_A_MONTH)
        try:
            model, quality = churn.learn(history, today, days)
        except chance.TooLittleHistory:
            return self._analyse_churn_plainly()
        told = churn.forecast(model, history, today)
        columns = {
            "churn_probability": told.probability,
            "churn_risk": _classify(told.probability),
            "churn_reason_codes": _join_reasons(told),
        }
        return Outcome(
            self._get_churn_methods()[quality.method],
            self._sum_up_churn(quality),
            _get_figures(quality),
            self._get_churn_charts(quality),
            profile_ids[told.customer],
            columns,
        )

    def _sum_up_churn(self, quality):
        figures = {
            "auc": round(100 * quality.auc),
            "auc_low": round(100 * quality.auc_low),
            "auc_high": round(100 * quality.auc_high),
            "count": f"{quality.customers:,}",
            "lift": f"{quality.lift:.2f}",
            "lift_low": f"{quality.lift_low:.1f}",
            "lift_high": f"{quality.lift_high:.1f}",
        }
        if quality.split == "time":
            tried = self.env._(
                "Tried on %(count)s customers of a later period.",
                **figures,
            )
        else:
            tried = self.env._(
                "Tried on %(count)s customers, each told by a model without him: there "
                "is not history enough to try it on a later period; a shorter horizon "
                "may do.",
                **figures,
            )
        told = self.env._(
            "Of two, one who left and one who stayed, it tells which in %(auc)s of 100 "
            "cases (%(auc_low)s to %(auc_high)s); the tenth most at risk left %(lift)s "
            "times as often as the average (%(lift_low)s to %(lift_high)s).",
            **figures,
        )
        if quality.auc_low > 0.5:
            return f"{told} {tried}"
        warning = self.env._(
            "That may be chance: do not act on it before there are more customers."
        )
        return f"{told} {warning} {tried}"

    def _get_churn_charts(self, quality):
        told, left = 100 * np.array(quality.told), 100 * np.array(quality.seen)
        labels = range(1, told.size + 1)
        x_title = self.env._("Groups of equally many customers, most at risk first")
        return [
            charts.line_chart(
                "churn_calibration",
                self.env._("Forecast against what happened (%)"),
                labels,
                [
                    (self.env._("Left"), left, False),
                    (self.env._("Forecast"), told, True),
                ],
                x_title,
            ),
            charts.line_chart(
                "churn_lift",
                self.env._("Times as often as the average"),
                labels,
                [(self.env._("Lift"), left / 100 / quality.base_rate, False)],
                x_title,
                kind="bar",
            ),
        ]

    def _analyse_churn_plainly(self):
        """Without a period to learn from: by the rhythm of repeat buying."""
        customers = self._read_customers()
        method, summary, probability = self._get_plain_churn(customers)
        columns = {
            "churn_probability": probability,
            "churn_risk": _classify(probability),
        }
        return Outcome(method, summary, {}, (), customers["profile_id"], columns)

    def _get_plain_churn(self, customers):
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


def _classify(probability):
    return np.select(
        [probability < 1 / 3, probability <= 2 / 3], ["low", "medium"], "high"
    )


def _join_reasons(told):
    """Return the names of each customer's reasons, the strongest first."""
    names = np.array([*told.reason_names, ""])
    return np.array(
        [",".join(name for name in names[row] if name) for row in told.reasons],
        dtype=object,
    )


def _get_figures(quality):
    """Return what a run shows of the quality; the curves are in the charts."""
    figures = quality._asdict()
    return {
        name: figure
        for name, figure in figures.items()
        if name not in ("told", "seen", "method", "split")
    }

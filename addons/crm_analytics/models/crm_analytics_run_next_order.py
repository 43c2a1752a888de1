from datetime import date

import numpy as np

from odoo import api, fields, models

from ..analysis_results.outcome import Outcome
from ..engine import chance, next_order
from .crm_analytics_run import DAYS_OF_A_MONTH

# Two periods are needed, one to choose and learn, one to judge, and time before them.
PERIODS = 4
SHORTEST_DAYS = 14


class CrmAnalyticsRun(models.Model):
    """Next order: when each customer orders again, with an interval."""

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("next_order", "Next order")],
        ondelete={"next_order": "cascade"},
    )

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            "coverage": self.env._("Share of orders inside the 80 % interval"),
            "error": self.env._("Mean error in days"),
            "naive_error": self.env._("Mean error if all are told the median"),
            "width": self.env._("Median width of the interval in days"),
            "before": self.env._("Share of orders before the interval"),
            "after": self.env._("Share of orders after the interval"),
            **{
                f"rivals.{name}": self.env._(
                    "Mean error in days, a period earlier: %s", label
                )
                for name, label in self._get_next_order_methods().items()
            },
        }

    @api.model
    def _get_next_order_methods(self):
        return {
            "trees": self.env._("Quantile regression of his habits"),
            "rhythm": self.env._("His own rhythm"),
            "median": self.env._("The same median wait for all"),
        }

    def _analyse_next_order(self):
        profile_ids, history, today = self._read_history()
        if not profile_ids.size:
            return self._say_nothing_to_analyse()
        longest = (today - history.day.min()) // PERIODS
        days = min(round(self.horizon_months * DAYS_OF_A_MONTH), int(longest))
        try:
            if days < SHORTEST_DAYS:
                raise chance.TooLittleHistory(days)
            model, quality = next_order.learn(history, today, days)
        except chance.TooLittleHistory:
            return self._say_too_few_orders()
        told = next_order.forecast(model, history, today)
        columns = {
            "next_order_date": _dates(today, told.expected),
            "next_order_earliest": _dates(today, told.earliest),
            "next_order_latest": _dates(today, told.latest),
        }
        figures = quality._asdict()
        method = self._get_next_order_methods()[figures.pop("method")]
        return Outcome(
            method,
            self._sum_up_next_order(quality, method, days),
            figures,
            (),
            profile_ids[told.customer],
            columns,
        )

    def _sum_up_next_order(self, quality, method, days):
        return self.env._(
            "%(method)s: it had told an earlier period best. On the last %(days)s days "
            "it was off by %(error)s days on average; telling everybody the median, by "
            "%(naive)s days. %(coverage)s of these orders came inside the interval "
            "told before, which promised 80 %%. Who does not order within %(days)s "
            "days is not told of.",
            method=method,
            days=days,
            error=f"{quality.error:.1f}",
            naive=f"{quality.naive_error:.1f}",
            coverage=f"{quality.coverage:.0%}",
        )

    def _say_too_few_orders(self):
        return Outcome(
            self.env._("none"),
            self.env._(
                "Too little history: two periods with a hundred orders of known "
                "customers each are needed. A shorter horizon may do."
            ),
            {},
        )


def _dates(today, days):
    start = date(1970, 1, 1).toordinal() + today
    return np.array(
        [date.fromordinal(start + int(day)) for day in np.rint(days)], dtype=object
    )

import numpy as np

from odoo import api, fields, models

from ..analysis_results import charts
from ..analysis_results.outcome import Outcome
from ..engine import rfm


class CrmAnalyticsRun(models.Model):
    """RFM segments: how lately, how often, for how much."""

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("rfm", "RFM segments")],
        ondelete={"rfm": "cascade"},
        default="rfm",
    )

    @api.model
    def _get_quality_labels(self):
        profile = self.env["crm.customer.profile"]
        cells = profile._fields["rfm_segment"]._description_selection(self.env)
        limits = {
            "rfm_recency_limits": self.env._("Limits of recency (days)"),
            "rfm_frequency_limits": self.env._("Limits of frequency (orders)"),
            "rfm_monetary_limits": self.env._("Limits of monetary value"),
        }
        return {**super()._get_quality_labels(), **dict(cells), **limits}

    def _analyse_rfm(self):
        customers = self._read_customers()
        if not customers["profile_id"].size:
            return self._say_nothing_to_analyse()
        (recency, frequency, monetary), limits = self._score_rfm(customers)
        self._keep_rfm_limits(limits)
        cells = rfm.cell_names(recency, frequency, monetary)
        names, counts = np.unique(cells.astype(str), return_counts=True)
        quality = dict(zip(names.tolist(), counts.tolist(), strict=True))
        summary = self.env._(
            "%(count)s customers, %(best)s of them champions.",
            count=f"{recency.size:,}",
            best=f"{quality.get('champions', 0):,}",
        )
        return Outcome(
            self._get_rfm_method(),
            summary,
            {**quality, **limits},
            self._get_rfm_charts(recency, frequency, customers["revenue"]),
            customers["profile_id"],
            {
                "rfm_recency_score": recency,
                "rfm_frequency_score": frequency,
                "rfm_monetary_score": monetary,
                "rfm_segment": cells,
            },
        )

    def _get_rfm_method(self):
        return {
            "quintile": self.env._("Quintiles"),
            "adaptive": self.env._("Limits of the first quintiles"),
            "fixed": self.env._("Fixed limits"),
        }[self.rfm_scoring]

    def _get_rfm_charts(self, recency, frequency, revenue):
        scores = list(range(rfm.SCORES, 0, -1))
        axes = {
            "rows": scores,
            "columns": scores[::-1],
            "x_title": self.env._("Frequency score"),
            "y_title": self.env._("Recency score"),
        }
        cells = [
            [(recency == row) & (frequency == column) for column in axes["columns"]]
            for row in scores
        ]
        return [
            charts.grid_chart(
                "rfm_customers",
                self.env._("Customers"),
                cells=[[inside.sum() for inside in row] for row in cells],
                **axes,
            ),
            charts.grid_chart(
                "rfm_revenue",
                self.env._("Revenue so far"),
                cells=[[revenue[inside].sum() for inside in row] for row in cells],
                **axes,
            ),
        ]

import numpy as np

from odoo import models

from ..analysis_results import charts
from ..engine import contract_churn
from ..engine.bg_nbd import FitError

RENEWALS_AHEAD = 5


class CrmAnalyticsRun(models.Model):
    """Retention of customers under contract, where an addon knows of renewals."""

    _inherit = "crm.analytics.run"

    def _get_renewals(self):
        """Hook: return how many customers were left after each renewal.

        Of the run's company, up to :meth:`_get_cutoff`, without those who object to
        profiling.

        :return: per group of contracts that began together its label and the customers
            at the start, after the first renewal, the second ...; renewals that are
            still to come are left out
        :rtype: list[tuple[str, list[int]]]
        """
        return []

    def _analyse_retention(self):
        outcome = super()._analyse_retention()
        quality, lines = {}, []
        for label, survivors in self._get_renewals():
            told = self._project_renewals(label, survivors)
            if told:
                quality.update(told[0])
                lines.append(told[1])
        if not lines:
            return outcome
        return outcome._replace(
            quality={**outcome.quality, **quality},
            charts=[*outcome.charts, *lines],
        )

    def _project_renewals(self, label, survivors):
        """Return figures and chart of a group; nothing where its renewals tell none."""
        survivors = np.asarray(survivors, float)
        try:
            fitted = contract_churn.fit(-np.diff(survivors), survivors[-1])
        except FitError:
            return None
        seen = survivors.size - 1
        steps = np.arange(seen + RENEWALS_AHEAD + 1)
        share = 100 * contract_churn.survival(fitted, steps)
        rate = contract_churn.retention_rate(fitted, seen + 1)
        figures = {
            self.env._("%s: customers at the start", label): int(survivors[0]),
            self.env._("%s: will renew next time (%%)", label): 100 * float(rate),
            self.env._(
                "%(group)s: still there %(count)s renewals later (%%)",
                group=label,
                count=RENEWALS_AHEAD,
            ): float(share[-1]),
        }
        return figures, self._get_renewal_chart(label, survivors, share)

    def _get_renewal_chart(self, label, survivors, share):
        actual = np.full(share.size, np.nan)
        actual[: survivors.size] = 100 * survivors / survivors[0]
        return charts.line_chart(
            f"renewals_{label}",
            self.env._("%s: customers still under contract (%%)", label),
            range(share.size),
            [
                (self.env._("So far"), actual, False),
                (self.env._("Expected"), share, True),
            ],
            self.env._("Renewals"),
        )

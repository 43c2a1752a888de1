from datetime import date
from typing import NamedTuple

import numpy as np

from odoo import api, models
from odoo.tools import SQL

# A contract that is followed by another one within so many days was renewed.
GRACE_DAYS = 60
# Cohorts of fewer customers tell nothing.
FEWEST_OF_A_COHORT = 10
EPOCH = date(1970, 1, 1)


class Spells(NamedTuple):
    """Times under contract without a gap, one row each; days count from 1970.

    ``renewals`` is how often the contract was renewed, ``has_left`` whether it was not
    the last time, ``is_due`` whether a renewal is to come; ``last_end`` is negative
    where there is no end.
    """

    partner: np.ndarray
    start: np.ndarray
    last_end: np.ndarray
    renewals: np.ndarray
    has_left: np.ndarray
    is_due: np.ndarray
    days: np.ndarray


class CrmAnalyticsRun(models.Model):
    """Renewals of service contracts, for the analyses."""

    _inherit = "crm.analytics.run"

    def _get_renewals(self):
        """Add the service contracts, by the year in which they began."""
        return [*super()._get_renewals(), *self._count_renewals(self._read_spells())]

    @api.model
    def _count_renewals(self, spells):
        """Return per year of beginning how many were left after each renewal.

        Only renewals that have come for all who began in the year.
        """
        years = spells.start.astype("datetime64[D]").astype("datetime64[Y]").astype(int)
        counted = []
        for year in np.unique(years):
            of_year = years == year
            there = of_year & ~spells.has_left
            if of_year.sum() < FEWEST_OF_A_COHORT or not there.any():
                continue
            most = int(spells.renewals[there].min())
            if most < 1:
                continue
            left = [
                int((spells.renewals[of_year] >= number).sum())
                for number in range(most + 1)
            ]
            label = self.env._("Service contracts of %s", 1970 + int(year))
            counted.append((label, left))
        return counted

    def _read_spells(self, cutoff=None):
        """Return the times under contract of all customers, as known at ``cutoff``.

        Contracts that follow each other, or run side by side, are one; without those
        who object to profiling.

        :param datetime cutoff: the end of the run's data by default
        :rtype: Spells
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH covered AS (
                    SELECT contract.*, max(COALESCE(date_end, DATE 'infinity')) OVER (
                               PARTITION BY commercial_partner_id
                               ORDER BY date_start, id
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                               AS until
                      FROM crm_service_contract contract
                     WHERE active AND company_id = %(company)s
                       AND date_start <= %(cutoff)s::date AND %(profiled)s
                ), placed AS (
                    SELECT covered.*, count(*) FILTER (
                               WHERE until IS NULL OR date_start > until + %(grace)s)
                               OVER (PARTITION BY commercial_partner_id
                                     ORDER BY date_start, id) AS spell
                      FROM covered
                )
                SELECT commercial_partner_id, min(date_start) - DATE '1970-01-01',
                       CASE WHEN bool_or(date_end IS NULL) THEN -1
                            ELSE max(date_end) - DATE '1970-01-01' END,
                       count(DISTINCT date_end) FILTER (
                           WHERE date_end < %(cutoff)s::date),
                       COALESCE(avg(date_end - date_start), 0)::int
                  FROM placed GROUP BY commercial_partner_id, spell
                 ORDER BY 1, 2
                """,
                company=self.company_id.id,
                cutoff=cutoff or self._get_cutoff(),
                grace=GRACE_DAYS,
                profiled=self.env["crm.customer.profile"]._profiled_to_sql(
                    SQL("contract.commercial_partner_id")
                ),
            )
        )
        today = ((cutoff or self._get_cutoff()).date() - EPOCH).days
        table = np.array(rows, int).reshape(len(rows), 5)
        partner, start, last_end, ends, days = table.T
        has_end = last_end >= 0
        is_over = has_end & (last_end < today)
        has_left = has_end & (last_end + GRACE_DAYS < today)
        return Spells(
            partner, start, last_end, ends - is_over, has_left,
            has_end & ~has_left, days,
        )  # fmt: skip

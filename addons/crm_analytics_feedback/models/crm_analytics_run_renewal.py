from datetime import timedelta
from typing import NamedTuple

import numpy as np

from odoo import api, fields, models

from odoo.addons.crm_analytics.analysis_results import charts
from odoo.addons.crm_analytics.analysis_results.outcome import Outcome
from odoo.addons.crm_analytics.engine import contract_churn
from odoo.addons.crm_analytics.engine.bg_nbd import FitError

from .crm_analytics_run import EPOCH

# Renewals that came or not, and of these those that did not, to learn from.
FEWEST_RENEWALS = 30
FEWEST_LOST = 5
# The last of them are told by what was known before, to judge.
JUDGED_DAYS = 365
MOST_SHOWN = 10
# Days of an average contract up to which it counts as such.
TERMS = (("short", 200), ("yearly", 10**6))


class Judgement(NamedTuple):
    """What was told of renewals of the last year before, and what came."""

    told: float
    seen: float
    error: float
    plain_error: float
    renewals: int


class CrmAnalyticsRun(models.Model):
    """Renewals: who under contract will not renew it the next time.

    The shifted-beta-geometric model: customers differ in how loyal they are, so who
    has renewed often will rather do it again. Contracts up to about half a year are
    learned apart from longer ones where there are enough of both.
    """

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("renewal", "Contract renewals")],
        ondelete={"renewal": "cascade"},
    )

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            "renewal.customers": self.env._("Customers under contract"),
            "renewal.renewals": self.env._("Renewals learned from"),
            "renewal.lost": self.env._("Of these, not renewed"),
            "renewal.alpha": self.env._("Alpha (not renewing)"),
            "renewal.beta": self.env._("Beta (renewing)"),
            "renewal.judged.renewals": self.env._("Renewals of the last year"),
            "renewal.judged.told": self.env._("Not renewed, told before"),
            "renewal.judged.seen": self.env._("Not renewed, as it came"),
            "renewal.judged.error": self.env._("Brier score (less is better)"),
            "renewal.judged.plain_error": self.env._(
                "Brier score if all are told the share that was lost before"
            ),
        }

    @api.model
    def _get_explanations(self):
        return {
            **super()._get_explanations(),
            "renewal": self.env._(
                "Which service contracts will not be renewed the next time? Learned "
                "from those that came to their end."
            ),
        }

    def _analyse_renewal(self):
        spells = self._read_spells()
        fitted = self._fit_renewals(spells)
        if not fitted:
            return Outcome(
                self.env._("none"),
                self.env._(
                    "Too few service contracts have come to their end: %(count)s "
                    "renewals are needed, of which %(lost)s were refused.",
                    count=FEWEST_RENEWALS,
                    lost=FEWEST_LOST,
                ),
                {},
            )
        profile_ids, current = self._find_running(spells)
        chance = self._tell_loss(fitted, spells)[current]
        judged = self._judge_renewals()
        figures = {
            "customers": int(current.size),
            "renewals": int(_count_decided(spells)),
            "lost": int(spells.has_left.sum()),
            "alpha": fitted["all"].alpha,
            "beta": fitted["all"].beta,
            **({"judged": judged._asdict()} if judged else {}),
        }
        return Outcome(
            self.env._("Shifted-beta-geometric"),
            self._sum_up_renewals(figures, judged, chance),
            {"renewal": figures},
            [self._get_renewal_rate_chart(spells, fitted)],
            profile_ids,
            {
                "contract_end_date": _to_dates(spells.last_end[current]),
                "contract_renewals": spells.renewals[current],
                "contract_churn_probability": chance,
                "contract_churn_risk": np.select(
                    [chance < 0.1, chance <= 0.25], ["low", "medium"], "high"
                ),
            },
        )

    @api.model
    def _fit_renewals(self, spells):
        """Return the models by term, that of all under ``all``; nothing if too few."""
        fitted = {}
        for term in ("all", *(name for name, _days in TERMS)):
            rows = (_get_terms(spells) == term) | (term == "all")
            lost = np.bincount(spells.renewals[rows & spells.has_left])
            there = np.bincount(spells.renewals[rows & ~spells.has_left])
            decided = spells.renewals[rows].sum() + lost.sum()
            if decided < FEWEST_RENEWALS or lost.sum() < FEWEST_LOST:
                continue
            size = max(lost.size, there.size)
            lost = np.pad(lost, (0, size - lost.size))
            there = np.pad(there, (0, size + 1 - there.size))
            try:
                fitted[term] = contract_churn.fit(lost, there)
            except FitError:
                continue
        return fitted if "all" in fitted else {}

    @api.model
    def _tell_loss(self, fitted, spells):
        """Return the chance of each that the next renewal does not come, shape (n,)."""
        terms = _get_terms(spells)
        chance = np.empty(spells.renewals.size)
        for term in np.unique(terms):
            rows = terms == term
            model = fitted.get(term, fitted["all"])
            chance[rows] = 1 - contract_churn.retention_rate(
                model, spells.renewals[rows] + 1
            )
        return chance

    def _find_running(self, spells):
        """Return the profiles with a renewal to come, and their rows of the spells."""
        profiles = self.env["crm.customer.profile"].with_company(self.company_id)
        customer_ids = np.unique(spells.partner[spells.is_due]).tolist()
        # Who has a contract need not have ordered anything.
        profiles._ensure_profiles(self.env["res.partner"].browse(customer_ids))
        profiles = profiles.search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "in", customer_ids),
            ],
            order="id",
        )
        # The rows are sorted by customer and start: of several the last one counts.
        row_of = {
            int(spells.partner[row]): row for row in np.flatnonzero(spells.is_due)
        }
        rows = [row_of[profile.partner_id.id] for profile in profiles]
        return np.array(profiles.ids, int), np.array(rows, int)

    def _judge_renewals(self):
        """Tell the last year's renewals by what was known before it.

        :rtype: Judgement or None
        """
        then = self._read_spells(self._get_cutoff() - timedelta(days=JUDGED_DAYS))
        fitted = self._fit_renewals(then)
        if not fitted:
            return None
        now = self._read_spells()
        row_now = {
            (int(partner), int(start)): row
            for row, (partner, start) in enumerate(
                zip(now.partner, now.start, strict=True)
            )
        }
        chance, rows, has_left = self._tell_loss(fitted, then), [], []
        for row in np.flatnonzero(then.is_due):
            later = row_now.get((int(then.partner[row]), int(then.start[row])))
            if later is None:
                continue
            if now.renewals[later] > then.renewals[row] or now.has_left[later]:
                rows.append(row)
                has_left.append(now.renewals[later] == then.renewals[row])
        if not rows:
            return None
        told, seen = chance[rows], np.array(has_left, float)
        before = then.has_left.sum() / _count_decided(then)
        return Judgement(
            float(told.mean()),
            float(seen.mean()),
            float(np.square(told - seen).mean()),
            float(np.square(before - seen).mean()),
            len(rows),
        )

    def _sum_up_renewals(self, figures, judged, chance):
        summary = self.env._(
            "Learned from %(renewals)s renewals, of which %(lost)s did not come. Of "
            "%(customers)s customers under contract %(expected)s are expected not to "
            "renew the next time.",
            renewals=figures["renewals"],
            lost=figures["lost"],
            customers=figures["customers"],
            expected=f"{chance.sum():.0f}",
        )
        if not judged:
            return summary
        return self.env._(
            "%(summary)s A year ago it would have told %(told)s of %(count)s renewals "
            "not to come; %(seen)s did not.",
            summary=summary,
            told=f"{judged.told:.0%}",
            seen=f"{judged.seen:.0%}",
            count=judged.renewals,
        )

    def _get_renewal_rate_chart(self, spells, fitted):
        """Compare, renewal by renewal, who renewed with what the model says."""
        numbers = np.arange(1, min(MOST_SHOWN, int(spells.renewals.max()) + 1) + 1)
        seen = []
        for number in numbers:
            came = int((spells.renewals >= number).sum())
            lost = int((spells.has_left & (spells.renewals == number - 1)).sum())
            seen.append(100 * came / (came + lost) if came + lost else np.nan)
        told = 100 * contract_churn.retention_rate(fitted["all"], numbers)
        return charts.line_chart(
            "renewal_rate",
            self.env._("Renewed, of those who got that far (%)"),
            numbers.tolist(),
            [
                (self.env._("So far"), np.array(seen), False),
                (self.env._("Model"), told, True),
            ],
            self.env._("Renewal"),
        )


def _get_terms(spells):
    limits = [days for _name, days in TERMS]
    names = np.array([name for name, _days in TERMS])
    return names[np.searchsorted(limits, spells.days)]


def _count_decided(spells):
    return spells.renewals.sum() + spells.has_left.sum()


def _to_dates(days):
    return np.array([EPOCH + timedelta(days=int(day)) for day in days], dtype=object)

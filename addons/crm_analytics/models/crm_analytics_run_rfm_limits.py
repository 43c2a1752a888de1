import re

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import rfm

LIMITS = ("rfm_recency_limits", "rfm_frequency_limits", "rfm_monetary_limits")
NO_LIMIT = "∞"


class CrmAnalyticsRun(models.Model):
    """Limits between the five scores of recency, frequency and monetary value."""

    _inherit = "crm.analytics.run"

    rfm_scoring = fields.Selection(
        [
            ("quintile", "Fifths of the customers, anew each time"),
            ("adaptive", "Fifths of the first time, then kept"),
            ("fixed", "Limits that I enter"),
        ],
        "Scores",
        required=True,
        default="quintile",
        help="With fifths a customer may lose a score without having changed, because "
        "others bought more. With limits that stay, the scores of two months can be "
        "compared. Later analyses take over the choice and the limits.",
    )
    rfm_recency_limits = fields.Char(
        "Limits of Recency",
        help="Four numbers of days since the last order, e.g. 30; 90; 180; 365. Who "
        "ordered within the first has the score 5, who is beyond the last 1.",
    )
    rfm_frequency_limits = fields.Char(
        "Limits of Frequency",
        help="Four numbers of orders, e.g. 2; 3; 5; 10. Who reaches the last has the "
        "score 5, who stays below the first 1.",
    )
    rfm_monetary_limits = fields.Char(
        "Limits of Monetary Value",
        help="Four amounts of untaxed revenue so far, e.g. 100; 500; 1000; 5000. Who "
        "reaches the last has the score 5, who stays below the first 1.",
    )

    @api.constrains("rfm_scoring", *LIMITS)
    def _check_rfm_limits(self):
        for run in self.filtered(lambda each: each.kind == "rfm"):
            if run.rfm_scoring != "quintile":
                for name in LIMITS:
                    run._check_limits_of(name)

    def _check_limits_of(self, name):
        if not self[name] and self.rfm_scoring == "adaptive":
            return
        limits = _parse_limits(self[name])
        if len(limits) != rfm.SCORES - 1 or limits != sorted(limits):
            raise ValidationError(
                self.env._(
                    "%(field)s: enter four numbers, the smallest first, such as "
                    "10; 20; 50; 100.",
                    field=self._fields[name]._description_string(self.env),
                )
            )

    def _score_rfm(self, customers):
        """Return the three scores of each customer, and the limits by which."""
        # Fewer days are better: the limits of recency are those of its negative.
        measures = (
            customers["recency"] - customers["age"],
            customers["order_count"],
            customers["revenue"],
        )
        scores, texts = [], {}
        for name, values in zip(LIMITS, measures, strict=True):
            sign = -1 if name == "rfm_recency_limits" else 1
            limits = self._get_cut_points(name, values, sign)
            scores.append(rfm.fixed_scores(values, limits))
            texts[name] = _format_limits(np.sort(sign * limits))
        return scores, texts

    def _get_cut_points(self, name, values, sign):
        if self.rfm_scoring == "quintile" or not self[name]:
            return rfm.adaptive_cut_points(values)
        return np.sort(sign * np.array(_parse_limits(self[name])))

    def _keep_rfm_limits(self, texts):
        """Let the later runs have the limits of the first."""
        if self.rfm_scoring == "adaptive":
            self.write(texts)


def _parse_limits(text):
    """Return the numbers of a text; none where one of them is no number."""
    parts = re.split(r"[;,\s]+", (text or "").strip())
    try:
        return [_parse_limit(part) for part in parts]
    except ValueError:
        return []


def _parse_limit(part):
    sign = -1 if part.startswith("-") else 1
    limit = sign * np.inf if part.lstrip("-") == NO_LIMIT else float(part)
    if np.isnan(limit):
        raise ValueError(part)
    return limit


def _format_limits(limits):
    return "; ".join(_format_limit(limit) for limit in limits.tolist())


def _format_limit(limit):
    if np.isinf(limit):
        return NO_LIMIT if limit > 0 else f"-{NO_LIMIT}"
    # Without the sign of a negative zero.
    return f"{limit + 0:.12g}"

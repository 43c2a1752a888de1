"""Two rates compared: complaints per occasion before and after a change.

Counts are taken as Poisson. Given their sum, the second count is binomial, whatever
the common rate: Przyborowski and Wilenski, Homogeneity of Results in Testing Samples
from Poisson Series, Biometrika 31 (1940). The limits are those of Clopper and Pearson,
The Use of Confidence or Fiducial Limits, Biometrika 26 (1934): exact, so they hold at
least what they promise, also for few complaints.
"""

from math import inf
from typing import NamedTuple

from scipy.stats import beta


class RateRatio(NamedTuple):
    """The rate after divided by the rate before, with its interval."""

    ratio: float
    low: float
    high: float

    @property
    def verdict(self):
        """Return effective, worse or not_shown, as the interval leaves no doubt."""
        if self.high < 1:
            return "effective"
        return "worse" if self.low > 1 else "not_shown"


def compare_rates(before, occasions_before, after, occasions_after, confidence=0.95):
    """Return the ratio of the two rates, or None when there is nothing to compare.

    Parameters
    ----------
    before, after : int
        complaints in the two times
    occasions_before, occasions_after : float
        what could have led to one: deliveries, orders
    """
    total = before + after
    if not total or occasions_before <= 0 or occasions_after <= 0:
        return None
    scale = occasions_before / occasions_after
    tail = (1 - confidence) / 2
    low = beta.ppf(tail, after, before + 1) if after else 0.0
    high = beta.ppf(1 - tail, after + 1, before) if before else 1.0
    ratio = after / before * scale if before else inf
    return RateRatio(ratio, _odds(low) * scale, _odds(high) * scale)


def _odds(share):
    return inf if share >= 1 else float(share / (1 - share))

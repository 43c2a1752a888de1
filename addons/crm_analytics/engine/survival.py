"""How long customers stay: product-limit estimate, cohorts, what retention is worth.

Sources: E. L. Kaplan, P. Meier, J. Am. Stat. Assoc. 53 (1958) 457; interval by
M. Greenwood (1926) on the log-log scale (J. D. Kalbfleisch, R. L. Prentice, 1980).
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm


class SurvivalCurve(NamedTuple):
    """Share that is still there after each time, with its interval."""

    time: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray


def product_limit(duration, has_left, confidence=0.95):
    """Estimate how many stay how long, where some have not left yet.

    Parameters
    ----------
    duration : array of float, shape (n,)
        Until a customer left or, of those who have not, until now.
    has_left : array of bool, shape (n,)
    confidence : float
        Of the interval at each time.

    Returns
    -------
    SurvivalCurve
        At the times at which somebody left, shape (k,), after a first point at 0.
    """
    duration, has_left = np.asarray(duration, float), np.asarray(has_left, bool)
    times, left = np.unique(duration[has_left], return_counts=True)
    there = duration.size - np.searchsorted(np.sort(duration), times, side="left")
    share = np.cumprod(1 - left / there)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(left / (there * (there - left)))
        spread = norm.ppf(0.5 + confidence / 2) * np.sqrt(variance) / np.log(share)
        low, high = share ** np.exp(-spread), share ** np.exp(spread)
    low, high = np.nan_to_num(low), np.where(share > 0, np.nan_to_num(high, nan=1), 0)
    first = [np.concatenate([[1.0], part]) for part in (share, low, high)]
    return SurvivalCurve(np.concatenate([[0.0], times]), *first)


def share_at(curve, time):
    """Return share, low and high at a time: those of the last step before it."""
    place = np.searchsorted(curve.time, time, side="right") - 1
    return curve.share[place], curve.low[place], curve.high[place]


def worth_of_retention(margin, leaving, gain):
    """Return the margin a year that better retention brings, of each customer.

    Parameters
    ----------
    margin : array of float, shape (n,)
        A year's margin.
    leaving : array of float, shape (n,)
        Probability to leave within the year.
    gain : float
        By which share retention gets better, such as 0.05; nobody stays with more
        than certainty.
    """
    staying = 1 - np.asarray(leaving, float)
    return np.asarray(margin, float) * (np.minimum(staying * (1 + gain), 1) - staying)

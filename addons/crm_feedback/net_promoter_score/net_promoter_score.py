"""Net Promoter Score of answers from 0 to 10, with its sampling error.

Reichheld, The One Number You Need to Grow, Harvard Business Review, December 2003:
9 and 10 are promoters, 7 and 8 passives, 0 to 6 detractors; the score is the share
of promoters less the share of detractors, in points of 100.
"""

from math import sqrt
from typing import NamedTuple

PROMOTER_FROM = 9
PASSIVE_FROM = 7
# Standard deviations on either side that hold 95 % of a normal distribution.
Z_95 = 1.959964


class NetPromoterScore(NamedTuple):
    """A score and half the width of its 95 % interval, in points of 100."""

    score: float
    margin: float


def category(score):
    """Return promoter, passive or detractor for an answer from 0 to 10."""
    if score >= PROMOTER_FROM:
        return "promoter"
    return "passive" if score >= PASSIVE_FROM else "detractor"


def net_promoter_score(promoters, passives, detractors):
    """Return the score of so many answers, or None when there are none.

    Each answer counts +1, 0 or -1; the margin is that of the mean of such values.
    """
    answers = promoters + passives + detractors
    if not answers:
        return None
    mean = (promoters - detractors) / answers
    variance = (promoters + detractors) / answers - mean**2
    return NetPromoterScore(100 * mean, 100 * Z_95 * sqrt(variance / answers))

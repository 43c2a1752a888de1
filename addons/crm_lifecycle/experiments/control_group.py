"""What an action changed, told from a control group.

Sources: R. G. Newcombe, Interval estimation for the difference between independent
proportions: comparison of eleven methods, Statistics in Medicine 17 (1998), method 10;
B. L. Welch, The generalization of Student's problem when several different population
variances are involved, Biometrika 34 (1947).
"""

from math import sqrt
from typing import NamedTuple

from scipy import stats


class Difference(NamedTuple):
    """A difference of two groups and the interval it is in with the given level."""

    value: float
    low: float
    high: float

    @property
    def is_proven(self):
        """Whether the interval leaves no doubt of the sign."""
        return self.low > 0 or self.high < 0


class Group(NamedTuple):
    """Customers of one group: how many, how many of them bought, amounts, squares."""

    customers: int
    buyers: int
    total: float
    squares: float

    @property
    def rate(self):
        """Return the share that bought."""
        return self.buyers / self.customers if self.customers else 0.0

    @property
    def mean(self):
        """Return the amount per customer."""
        return self.total / self.customers if self.customers else 0.0

    @property
    def variance(self):
        """Return the sample variance of the amount per customer."""
        if self.customers < 2:
            return 0.0
        spread = self.squares - self.total**2 / self.customers
        return max(0.0, spread) / (self.customers - 1)


def wilson_interval(count, number, level=0.95):
    """Return the score interval of a share, (low, high)."""
    z = stats.norm.ppf(0.5 + level / 2)
    share = count / number
    centre = share + z * z / (2 * number)
    spread = z * sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    whole = 1 + z * z / number
    return (centre - spread) / whole, (centre + spread) / whole


def rate_difference(contacted, control, level=0.95):
    """Return how much more of the contacted bought than of the control group.

    :param Group contacted:
    :param Group control:
    :return: Difference, or None if a group is empty
    """
    if not contacted.customers or not control.customers:
        return None
    low, high = wilson_interval(contacted.buyers, contacted.customers, level)
    control_low, control_high = wilson_interval(
        control.buyers, control.customers, level
    )
    value = contacted.rate - control.rate
    below = sqrt((contacted.rate - low) ** 2 + (control_high - control.rate) ** 2)
    above = sqrt((high - contacted.rate) ** 2 + (control.rate - control_low) ** 2)
    return Difference(value, value - below, value + above)


def mean_difference(contacted, control, level=0.95):
    """Return how much more a contacted customer spent than one of the control group.

    :return: Difference, or None if a group has fewer than two customers
    """
    if min(contacted.customers, control.customers) < 2:
        return None
    parts = [group.variance / group.customers for group in (contacted, control)]
    error = sqrt(sum(parts))
    value = contacted.mean - control.mean
    if not error:
        return Difference(value, value, value)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (group.customers - 1)
        for part, group in zip(parts, (contacted, control), strict=True)
    )
    reach = stats.t.ppf(0.5 + level / 2, freedom) * error
    return Difference(value, value - reach, value + reach)

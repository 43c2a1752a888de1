"""What of the pipeline will be won within a horizon, with an interval that was tried.

An open opportunity of some age is won within the horizon as often as earlier ones of
that age were (cumulative incidence, being lost is the competing event); as many new
ones as lately are added. The spread that follows from chance alone is widened by how
far off earlier forecasts were, each judged by the ones before.

Source: R. L. Prentice et al., The Analysis of Failure Times in the Presence of
Competing Risks, Biometrics 34 (1978).
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from .chance import TooLittleHistory

COVERAGE = 0.8
QUANTILE = 1.2816  # of the normal distribution at 90 %: 80 % lie within
OPEN = 10**6
OLDEST = 730
STEP = 7
MOST_ORIGINS = 39
# So many earlier forecasts, whose outcome was known, before one is judged.
CHOOSING_ORIGINS = 8
# New opportunities come as in the days before.
RATE_DAYS = 90
# Earlier forecasts count beside so many that were off as chance alone would have it.
FORECASTS_OF_CHANCE = 1


class Deals(NamedTuple):
    """Opportunities, shape (n,) each.

    Days when opened and closed (``OPEN``: not yet), whether won, amount, and the number
    of the salesperson.
    """

    opened: np.ndarray
    closed: np.ndarray
    won: np.ndarray
    amount: np.ndarray
    group: np.ndarray


class PipelineForecast(NamedTuple):
    """Amounts won within the horizon per group, the total last, shape (groups + 1,)."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    quality: "PipelineQuality"


class PipelineQuality(NamedTuple):
    """What was told of earlier weeks.

    The share inside the groups' intervals, and inside those of the total, of which
    there are few; the total's mean error, and that of expecting what the horizon
    before had brought; what was won on average.
    """

    coverage: float
    coverage_of_total: float
    error: float
    naive_error: float
    won: float
    forecasts: int
    win_rate: float


def forecast(deals, today, horizon, group_count):
    """Forecast what is won after day ``today``, within ``horizon`` days.

    Returns
    -------
    PipelineForecast

    Raises
    ------
    TooLittleHistory
        Fewer than a dozen weeks whose outcome is known.
    """
    # Before the first one is closed nothing tells how often they are won.
    first = int(deals.closed.min()) + horizon if deals.closed.size else today
    origins = np.arange(today - horizon, first - 1, -STEP)[:MOST_ORIGINS][::-1]
    needed = CHOOSING_ORIGINS + horizon // STEP
    if origins.size <= needed:
        raise TooLittleHistory(f"{needed + 1} weeks are needed")
    told = [_tell(deals, day, horizon, group_count) for day in origins]
    mean, spread = (np.array(part) for part in zip(*told, strict=True))
    came = np.array([_sum_won(deals, day, horizon, group_count) for day in origins])
    off = (came - mean) / spread
    now, now_spread = _tell(deals, today, horizon, group_count)
    width = _widen(off, horizon) * now_spread
    return PipelineForecast(
        now,
        np.maximum(now - width, 0),
        now + width,
        _judge(deals, origins, horizon, off, mean, came),
    )


def _judge(deals, origins, horizon, off, mean, came):
    inside = []
    for place, day in enumerate(origins):
        known = origins + horizon <= day
        if known.sum() >= CHOOSING_ORIGINS:
            inside.append(np.abs(off[place]) <= _widen(off[known], horizon))
    judged = slice(-len(inside), None)
    before = np.array(
        [
            _sum_won(deals, day - horizon, horizon, came.shape[1] - 1)[-1]
            for day in origins[judged]
        ]
    )
    total = came[judged, -1]
    inside = np.array(inside)
    return PipelineQuality(
        coverage=float(inside[:, :-1].mean()),
        coverage_of_total=float(inside[:, -1].mean()),
        error=float(np.abs(total - mean[judged, -1]).mean()),
        naive_error=float(np.abs(total - before).mean()),
        won=float(total.mean()),
        forecasts=int(inside[:, :-1].size),
        win_rate=float(deals.won.sum() / max((deals.closed < OPEN).sum(), 1)),
    )


def _widen(off, horizon):
    """Return per group the standard deviations that hold four of five outcomes.

    Weeks overlap: they count as many as fit beside each other. What moves everybody at
    once moves the total, and was seen few times: Student's distribution.
    """
    count = off.shape[0] * STEP / horizon
    squares = count * np.square(off).mean(axis=0) + FORECASTS_OF_CHANCE
    wider = np.sqrt(squares / (count + FORECASTS_OF_CHANCE))
    quantiles = np.full(wider.size, QUANTILE)
    quantiles[-1] = stats.t.ppf((1 + COVERAGE) / 2, count + FORECASTS_OF_CHANCE)
    return quantiles * wider


def _tell(deals, today, horizon, group_count):
    """Return mean and standard deviation of what is won, per group and in total."""
    there, incidence = _read_incidence(deals, today)
    is_open = (deals.opened <= today) & (deals.closed > today)
    age = np.clip(today - deals.opened[is_open] + 1, 0, OLDEST)
    until = np.minimum(age + horizon, OLDEST)
    chance = (incidence[until] - incidence[age]) / np.maximum(there[age], 1e-9)
    chance = np.clip(chance, 0, 1)
    amount, group = deals.amount[is_open], deals.group[is_open]
    mean = np.bincount(group, amount * chance, group_count)
    variance = np.bincount(group, amount**2 * chance * (1 - chance), group_count)
    is_new = (deals.opened <= today) & (deals.opened > today - RATE_DAYS)
    days = max(1, min(RATE_DAYS, today - deals.opened.min() + 1))
    # A new one of the d-th day to come has the other days left.
    share = incidence[1 : horizon + 1].sum() / days
    amount, group = deals.amount[is_new], deals.group[is_new]
    mean += np.bincount(group, amount, group_count) * share
    variance += np.bincount(group, amount**2, group_count) * share
    # Of a group with nothing at all there is nothing to be off by.
    floor = np.maximum(deals.amount.mean() ** 2 * 1e-4, 1e-9)
    variance = np.maximum(variance, floor)
    return np.append(mean, mean.sum()), np.sqrt(np.append(variance, variance.sum()))


def _read_incidence(deals, today):
    """Return the share still open, and that won before, at each age up to the oldest.

    Learned from what had been opened until ``today``, as it stood then.
    """
    known = deals.opened <= today
    opened, closed, won = deals.opened[known], deals.closed[known], deals.won[known]
    ended = closed <= today
    age = np.clip(np.minimum(closed, today) - opened, 0, OLDEST - 1)
    at_risk = np.bincount(age, minlength=OLDEST)[::-1].cumsum()[::-1]
    hazards = [
        np.bincount(age[which], minlength=OLDEST) / np.maximum(at_risk, 1)
        for which in (ended & won, ended)
    ]
    there = np.append(1.0, np.cumprod(1 - hazards[1]))
    return there, np.append(0.0, np.cumsum(hazards[0] * there[:-1]))


def _sum_won(deals, today, horizon, group_count):
    came = deals.won & (deals.closed > today) & (deals.closed <= today + horizon)
    sums = np.bincount(deals.group[came], deals.amount[came], group_count)
    return np.append(sums, sums.sum())

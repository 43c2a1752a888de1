"""Contacts to come: by week, and by weekday and hour.

The level of the next week is the mean of exponential smoothings [1]_ of all speeds from
0.1 to 0.9: none is chosen, so nothing is tuned to the past. The interval comes from the
errors that the same method made before, relative to the square root of the level, since
counts scatter in proportion to it.

References
----------
.. [1] C. C. Holt, Forecasting seasonals and trends by exponentially weighted moving
   averages, 1957.
"""

from math import sqrt
from typing import NamedTuple

SPEEDS = tuple(tenth / 10 for tenth in range(1, 10))
# Weeks before errors say something about the method.
WARM_UP = 8
# Share of weeks that lie within the interval.
COVERAGE = 0.8
Z = 1.2816


class Forecast(NamedTuple):
    """The expected number, and the range in which four of five lie."""

    mean: float
    low: float
    high: float


def levels(series):
    """Return the forecast of each next number, from the numbers before it alone.

    The first belongs to the second number, the last one to the number to come.
    """
    states = [float(series[0])] * len(SPEEDS)
    result = [float(series[0])]
    for number in series[1:]:
        states = [
            speed * number + (1 - speed) * state
            for speed, state in zip(SPEEDS, states, strict=True)
        ]
        result.append(sum(states) / len(states))
    return result


def forecast_next(series):
    """Return the forecast of the number that comes after ``series``.

    Parameters
    ----------
    series : list of float
        Contacts per week, the oldest first; at least one.

    Returns
    -------
    Forecast
    """
    known = levels(series)
    level = known[-1]
    scale = sqrt(max(level, 1))
    errors = sorted(
        (actual - expected) / sqrt(max(expected, 1))
        for expected, actual in list(zip(known, series[1:], strict=False))[WARM_UP:]
    )
    if len(errors) < WARM_UP:
        return Forecast(level, max(0.0, level - 2 * scale), level + 2 * scale)
    tail = (1 - COVERAGE) / 2
    low, high = _quantile(errors, tail), _quantile(errors, 1 - tail)
    return Forecast(level, max(0.0, level + low * scale), level + high * scale)


def forecast_slots(series, counts):
    """Return the forecast of each slot of the next week.

    The week's forecast is shared out as in the past. A slot scatters as the week does,
    and by chance (Poisson) on top.

    Parameters
    ----------
    series : list of float
        Contacts per week.
    counts : dict
        Contacts of the past by slot, such as (weekday, hour).

    Returns
    -------
    dict
        A ``Forecast`` per slot.
    """
    week = forecast_next(series)
    total = sum(counts.values())
    spread = (week.high - week.low) / (2 * Z * week.mean) if week.mean else 0.0
    result = {}
    for slot, count in counts.items():
        mean = week.mean * count / total if total else 0.0
        deviation = Z * sqrt(mean + (spread * mean) ** 2)
        result[slot] = Forecast(mean, max(0.0, mean - deviation), mean + deviation)
    return result


def _quantile(numbers, share):
    position = share * (len(numbers) - 1)
    below = int(position)
    above = min(below + 1, len(numbers) - 1)
    return numbers[below] + (position - below) * (numbers[above] - numbers[below])

"""What a series (revenue, contacts, stock of customers) does next, with intervals.

Exponential smoothing with damped trend and additive season, against its relatives
without season or without trend and against the season repeated; rolling origins decide
which is used, how far it was off, and how wide the intervals are. Only what was known
at an origin is used to forecast from it, and to choose the method by which its error is
told: earlier origins choose, later ones judge.

Sources: R. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice (3rd ed.,
2021), chapters 5.10, 8.3 and 8.5; R. Hyndman, A. Koehler, Another Look at Measures of
Forecast Accuracy (IJF 22, 2006) for the scaled error.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

COVERAGE = 0.8
QUANTILE = 1.2816  # of the normal distribution at 90 %: 80 % lie within
MOST_ORIGINS = 12
FEWEST_ORIGINS = 4
# The first origins choose only.
CHOOSING_ORIGINS = 3
NAIVE = "season repeated"
# Smoothing of level, trend and season, damping of the trend.
START = (0.3, 0.05, 0.1, 0.95)
BOUNDS = ((1e-3, 0.999), (1e-4, 0.5), (1e-4, 0.999), (0.8, 0.995))


class Forecast(NamedTuple):
    """Values to come and the interval that holds 80 % of them, shape (steps,)."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    quality: "ForecastQuality"


class ForecastQuality(NamedTuple):
    """What rolling origins showed.

    The errors are those of later origins, each told by the method that had done best on
    the outcomes known then. ``scaled_error`` is the mean absolute error over that of
    repeating the season one step ahead (MASE), ``naive_scaled_error`` that of the
    season repeated at the same origins; ``coverage`` the share inside intervals made
    of what was known at the origin. ``method`` is the one used now, by all origins;
    ``rivals`` are the errors of all methods over all origins.
    """

    method: str
    error: float
    naive_error: float
    scaled_error: float
    naive_scaled_error: float
    coverage: float
    origins: int
    rivals: dict


class SeriesTooShort(ValueError):
    """There is not history enough to try the forecast on."""


def forecast(values, steps, season=1):
    """Forecast a series by the method that did best on its own past.

    Parameters
    ----------
    values : array of float, shape (n,)
        Equally spaced, oldest first, complete periods only.
    steps : int
        Periods to come.
    season : int
        Periods of a season, 1 for none.

    Returns
    -------
    Forecast

    Raises
    ------
    SeriesTooShort
    """
    values = np.asarray(values, float)
    season = season if values.size >= 3 * season + steps else 1
    origins = _origins(values.size, steps, season)
    methods = _methods(season)
    missed = _miss(values, steps, origins, methods)
    errors = {name: float(np.abs(each).mean()) for name, each in missed.items()}
    best = min(errors, key=errors.get)
    mean = methods[best](values, steps)
    width = _width(missed[best])
    floor = 0.0 if (values >= 0).all() else -np.inf
    scale = np.abs(values[season:] - values[:-season]).mean() or 1.0
    error, naive_error, coverage = _backtest(missed, origins)
    quality = ForecastQuality(
        best,
        error,
        naive_error,
        float(error / scale),
        float(naive_error / scale),
        coverage,
        len(origins) - CHOOSING_ORIGINS,
        errors,
    )
    low, high = (np.maximum(mean + side * width, floor) for side in (-1, 1))
    return Forecast(np.maximum(mean, floor), low, high, quality)


def _miss(values, steps, origins, methods):
    """Return by how much each method missed, shape (origins, steps) each."""
    actual = np.array([values[origin : origin + steps] for origin in origins])
    return {
        name: actual - np.array([method(values[:origin], steps) for origin in origins])
        for name, method in methods.items()
    }


def _backtest(missed, origins):
    """Return error, error of the season repeated and coverage of the later origins.

    At each the method is chosen, and the interval made, by what had come until then.
    """
    origins = np.asarray(origins)
    steps = missed[NAIVE].shape[1]
    errors, naive_errors, inside = [], [], []
    for number in range(CHOOSING_ORIGINS, origins.size):
        had_come = origins[:number, None] + np.arange(steps) < origins[number]
        known = {
            name: np.where(had_come, each[:number], np.nan)
            for name, each in missed.items()
        }
        best = min(known, key=lambda name: np.nanmean(np.abs(known[name])))
        told = np.abs(missed[best][number])
        errors.append(told)
        naive_errors.append(np.abs(missed[NAIVE][number]))
        inside.append(told <= _width(known[best]))
    return float(np.mean(errors)), float(np.mean(naive_errors)), float(np.mean(inside))


def _origins(size, steps, season):
    """Return the ends of the known part, evenly over the later half of the series."""
    first = max(2 * season + 2, size // 2)
    last = size - steps
    if last - first + 1 < FEWEST_ORIGINS:
        raise SeriesTooShort(
            f"{size} periods: {first + FEWEST_ORIGINS + steps - 1} are needed"
        )
    number = min(MOST_ORIGINS, last - first + 1)
    return np.unique(np.linspace(first, last, number).round().astype(int)).tolist()


def _methods(season):
    def repeat(known, steps):
        return known[-season:][np.arange(steps) % season]

    def mean_season(known, steps):
        """Return the mean of the last four seasons, place by place."""
        whole = min(4, known.size // season) * season
        return (
            known[-whole:].reshape(-1, season).mean(axis=0)[np.arange(steps) % season]
        )

    methods = {
        NAIVE: repeat,
        "mean of four seasons": mean_season,
        "smoothing": lambda known, steps: _smooth(known, steps, 1, False),
        "smoothing, trend": lambda known, steps: _smooth(known, steps, 1, True),
    }
    if season > 1:
        methods["smoothing, season"] = lambda known, steps: _smooth(
            known, steps, season, False
        )
        methods["smoothing, trend, season"] = lambda known, steps: _smooth(
            known, steps, season, True
        )
    return methods


def _smooth(known, steps, season, has_trend):
    scale = known.std() or 1.0
    series = known / scale

    def squares(parameters):
        return np.square(_run(series, parameters, season, has_trend)[0]).mean()

    found = minimize(squares, START, method="L-BFGS-B", bounds=BOUNDS)
    _errors, level, trend, places = _run(series, found.x, season, has_trend)
    ahead = np.arange(1, steps + 1)
    damped = np.cumsum(found.x[3] ** ahead) if has_trend else np.zeros(steps)
    return scale * (level + damped * trend + places[(series.size + ahead - 1) % season])


def _run(series, parameters, season, has_trend):
    """Return the one-step errors and the last level, trend and places of the season."""
    alpha, beta, gamma, damping = map(float, parameters)
    level, trend, places = _start(series, season, has_trend)
    errors = np.empty(series.size)
    for time, value in enumerate(series.tolist()):
        place = time % season
        drift = damping * trend
        error = value - level - drift - places[place]
        errors[time] = error
        level += drift + alpha * error
        trend = drift + beta * alpha * error if has_trend else 0.0
        if season > 1:
            places[place] += gamma * (1 - alpha) * error
    return errors, level, trend, np.array(places)


def _start(series, season, has_trend):
    if season == 1:
        trend = (
            (series[: min(5, series.size)][-1] - series[0]) / 4 if has_trend else 0.0
        )
        return float(series[0]), float(trend), [0.0]
    seasons = series[: series.size // season * season].reshape(-1, season)[:3]
    means = seasons.mean(axis=1)
    places = (seasons - means[:, None]).mean(axis=0)
    trend = (means[-1] - means[0]) / (season * max(1, means.size - 1))
    return float(means[0]), float(trend) if has_trend else 0.0, places.tolist()


def _width(residuals):
    """Return half the interval per step, never narrower further ahead.

    Residuals that are not known yet are not a number.
    """
    number = np.isfinite(residuals).sum(axis=0)
    squares = np.nansum(np.square(residuals), axis=0)
    spread = np.maximum.accumulate(np.sqrt(squares / np.maximum(number, 1)))
    smooth = np.convolve(np.pad(spread, 1, mode="edge"), np.ones(3) / 3, "valid")
    return QUANTILE * smooth

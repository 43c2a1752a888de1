"""When the next order comes, with an interval that holds its promise.

Three boosted quantile regressions tell the logarithm of the days to the next order of
those who order within a horizon; the outer two are moved until they hold on customers
of a later period (conformalised quantile regression, each side for itself).

Source: Y. Romano, E. Patterson, E. Candès, Conformalized Quantile Regression (NeurIPS
2019), section 4 and theorem 2.
"""

from typing import NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from . import purchase_history
from .chance import TooLittleHistory

COVERAGE = 0.8
QUANTILES = ((1 - COVERAGE) / 2, 0.5, (1 + COVERAGE) / 2)
FEWEST_ORDERS = 100
MOST_TO_LEARN_FROM = 100_000
# Trained on two periods at most: older habits are not today's.
MOST_PERIODS = 2


class NextOrderModel(NamedTuple):
    """Quantile regressions and by how much each is moved, in log days."""

    learners: tuple
    shifts: tuple
    horizon: int


class NextOrderQuality(NamedTuple):
    """How well a later period was told: all errors in days.

    ``coverage`` is the share of orders inside the interval that promised 80 %;
    ``naive_error`` is the mean error of telling everybody the median wait.
    """

    coverage: float
    before: float
    after: float
    error: float
    naive_error: float
    width: float
    orders: int


class NextOrder(NamedTuple):
    """Days from the cut-off to the next order: expected, earliest, latest."""

    customer: np.ndarray
    expected: np.ndarray
    earliest: np.ndarray
    latest: np.ndarray


def learn(history, today, horizon):
    """Return a model for orders after ``today`` and what it did on the last period.

    The last period judges a model that was trained and widened on earlier ones; the
    model returned has learned from it too.

    Parameters
    ----------
    history : purchase_history.PurchaseHistory
    today : int
        Last day of the history.
    horizon : int
        Days looked ahead.

    Returns
    -------
    NextOrderModel, NextOrderQuality

    Raises
    ------
    TooLittleHistory
        Fewer than three periods with orders enough.
    """
    periods = []
    while len(periods) < MOST_PERIODS + 2:
        cutoff = today - (len(periods) + 1) * horizon
        period = _read_period(history, cutoff, horizon)
        if period[1].size < FEWEST_ORDERS:
            break
        periods.insert(0, period)
    if len(periods) < 3:
        raise TooLittleHistory("three periods with orders are needed")
    quality = judge(_fit(periods[:-1], horizon), *periods[-1])
    return _fit(periods[1:] if len(periods) > 3 else periods, horizon), quality


def forecast(model, history, today):
    """Return when each customer's next order comes, should it come in the horizon.

    Returns
    -------
    NextOrder
        Of those who have bought.
    """
    seen = purchase_history.features(history, today)
    return NextOrder(seen.customer, *_predict(model, seen.known))


def judge(model, known, days):
    """Compare the forecast with the days that passed until the order."""
    expected, earliest, latest = _predict(model, known)
    # Orders have whole days.
    before, after = days < np.rint(earliest), days > np.rint(latest)
    return NextOrderQuality(
        coverage=float(1 - before.mean() - after.mean()),
        before=float(before.mean()),
        after=float(after.mean()),
        error=float(np.abs(days - expected).mean()),
        naive_error=float(np.abs(days - np.median(days)).mean()),
        width=float(np.median(latest - earliest)),
        orders=int(days.size),
    )


def _read_period(history, cutoff, horizon):
    seen = purchase_history.features(history, cutoff)
    days = purchase_history.days_to_next(history, seen.customer, cutoff)
    came = days <= horizon
    return seen.known[came], days[came]


def _fit(periods, horizon):
    """Train on all periods but the last, widen on the last."""
    known = np.vstack([part for part, _days in periods[:-1]])
    days = np.concatenate([part for _known, part in periods[:-1]])
    if days.size > MOST_TO_LEARN_FROM:
        drawn = np.random.default_rng(0).choice(
            days.size, MOST_TO_LEARN_FROM, replace=False
        )
        known, days = known[drawn], days[drawn]
    learners = tuple(_train(quantile, known, days) for quantile in QUANTILES)
    held_out, waited = periods[-1]
    shifts = tuple(
        float(np.quantile(np.log(waited) - learner.predict(held_out), quantile))
        for quantile, learner in zip(QUANTILES, learners, strict=True)
    )
    return NextOrderModel(learners, shifts, horizon)


def _train(quantile, known, days):
    learner = HistGradientBoostingRegressor(
        loss="quantile",
        quantile=quantile,
        max_iter=60,
        learning_rate=0.1,
        max_leaf_nodes=8,
        min_samples_leaf=40,
        early_stopping=False,
        random_state=0,
    )
    # See chance.train.
    with threadpool_limits(1):
        return learner.fit(known, np.log(days))


def _predict(model, known):
    low, middle, high = (
        learner.predict(known) + shift
        for learner, shift in zip(model.learners, model.shifts, strict=True)
    )
    # Quantiles learned apart may cross.
    quantiles = middle, np.minimum(low, middle), np.maximum(high, middle)
    return tuple(np.clip(np.exp(days), 1, model.horizon) for days in quantiles)

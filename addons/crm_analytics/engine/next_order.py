"""When the next order comes, with an interval that holds its promise.

Three ways to tell the logarithm of the days to the next order of those who order within
a horizon: boosted quantile regressions, the customer's own rhythm (the less he has
bought, the more that of all), and the same median for everybody. The one that did best
on a period is used on the next one, which tells how far it is off. The ends of the
interval are moved until they hold for customers whom the regressions have not seen
(conformalised quantile regression, each side for itself).

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
QUANTILES = (0.5, (1 - COVERAGE) / 2, (1 + COVERAGE) / 2)
FEWEST_ORDERS = 100
MOST_TO_LEARN_FROM = 100_000
# Habits are learned at several days, a third of the horizon apart; older ones than
# those of the last horizon and a bit are not today's.
DAYS_LEARNED_AT = 4
# By which customers are divided into those learned from and those the interval is for.
FOLDS = 3
# So many gaps between orders of all customers count beside the own ones.
GAPS_OF_ALL = 2
METHODS = ("trees", "rhythm", "median")


class NextOrderModel(NamedTuple):
    """The method, its regressions if any, and by how much each quantile is moved."""

    method: str
    learners: tuple
    shifts: tuple
    horizon: int


class NextOrderQuality(NamedTuple):
    """How well a later period was told: all errors in days.

    ``coverage`` is the share of orders inside the interval that promised 80 %;
    ``naive_error`` is the mean error of telling everybody the median of the period
    before; ``rivals`` is the error of each method on that earlier period, by which
    ``method`` was chosen.
    """

    coverage: float
    before: float
    after: float
    error: float
    naive_error: float
    width: float
    orders: int
    method: str = ""
    rivals: dict = {}


class NextOrder(NamedTuple):
    """Days from the cut-off to the next order: expected, earliest, latest."""

    customer: np.ndarray
    expected: np.ndarray
    earliest: np.ndarray
    latest: np.ndarray


class Period(NamedTuple):
    """What was known on a day of those who then ordered within the horizon."""

    customer: np.ndarray
    known: np.ndarray
    days: np.ndarray


def learn(history, today, horizon):
    """Return a model for orders after ``today`` and what it did on the last period.

    The method is chosen on the last period but one; the last period judges what was
    learned before it; the model returned has learned from it too.

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
        Fewer than two periods with orders enough.
    """
    last, before = today - horizon, today - 2 * horizon
    judged, earlier = (_read_period(history, day, horizon) for day in (last, before))
    if min(judged.days.size, earlier.days.size) < FEWEST_ORDERS:
        raise TooLittleHistory("two periods with orders are needed")
    rivals = _compare(history, before, horizon)
    method = min(rivals, key=rivals.get)
    quality = judge(_fit(method, history, before, horizon), judged.known, judged.days)
    naive_error = float(np.abs(judged.days - np.median(earlier.days)).mean())
    quality = quality._replace(naive_error=naive_error, method=method, rivals=rivals)
    return _fit(method, history, last, horizon), quality


def forecast(model, history, today):
    """Return when each customer's next order comes, should it come in the horizon.

    Returns
    -------
    NextOrder
        Of those who have bought.
    """
    customer, known = _read_known(history, today)
    return NextOrder(customer, *_predict(model, known))


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


def _read_known(history, cutoff):
    """Return the customers and what was known: their rhythm last but one and last."""
    seen = purchase_history.features(history, cutoff)
    rhythm = purchase_history.rhythm(history, cutoff, GAPS_OF_ALL)[seen.customer]
    used_up = seen.column("silence") - rhythm
    return seen.customer, np.column_stack([seen.known, used_up, rhythm])


def _read_period(history, cutoff, horizon):
    customer, known = _read_known(history, cutoff)
    days = purchase_history.days_to_next(history, customer, cutoff)
    came = days <= horizon
    return Period(customer[came], known[came], days[came])


def _read_periods(history, cutoff, horizon):
    """Return the periods learned from, the latest first; all end by one horizon on."""
    first = history.day.min()
    step = max(1, horizon // 3)
    cutoffs = [cutoff - number * step for number in range(DAYS_LEARNED_AT)]
    periods = [_read_period(history, day, horizon) for day in cutoffs if day >= first]
    return [
        _draw(period, MOST_TO_LEARN_FROM // DAYS_LEARNED_AT)
        for period in periods
        if period.days.size >= FEWEST_ORDERS
    ]


def _draw(period, most):
    if period.days.size <= most:
        return period
    drawn = np.random.default_rng(0).choice(period.days.size, most, replace=False)
    return Period(*(part[drawn] for part in period))


def _compare(history, cutoff, horizon):
    """Return the error of each method on the period that begins at the cut-off.

    Told by what was learned before it where there is enough, else by other customers.
    """
    period = _read_period(history, cutoff, horizon)
    before = _read_periods(history, cutoff - horizon, horizon)
    errors = {}
    for method in METHODS:
        if len(before) > 1:
            told = _train_middle(method, before)(period.known)
            waited = period
        else:
            waited, told = _tell_left_out(method, history, cutoff, horizon)
        days = np.clip(np.exp(told), 1, horizon)
        errors[method] = float(np.abs(waited.days - days).mean())
    return errors


def _train_middle(method, periods):
    """Return a function that tells log days: a learner's, or a plain one moved."""
    learners = _train(method, periods, QUANTILES[:1])
    waited = periods[0]
    shift = (
        0.0
        if learners
        else np.median(np.log(waited.days) - _tell(method, (), 0, waited.known))
    )
    return lambda known: _tell(method, learners, 0, known) + shift


def _tell_left_out(method, history, cutoff, horizon):
    periods = _read_periods(history, cutoff, horizon)
    latest = periods[0]
    told = np.empty(latest.days.size)
    for learned, rest in _divide(periods):
        told[rest] = _train_middle(method, learned)(latest.known[rest])
    return latest, told


def _divide(periods):
    """Yield per fold the periods without its customers, and its rows of the latest."""
    most = max(period.customer.max() for period in periods) + 1
    fold_of = np.random.default_rng(0).integers(0, FOLDS, most)
    for fold in range(FOLDS):
        learned = [
            Period(*(part[fold_of[period.customer] != fold] for part in period))
            for period in periods
        ]
        yield learned, fold_of[periods[0].customer] == fold


def _fit(method, history, cutoff, horizon):
    """Learn from periods up to the cut-off; the latest one widens the interval."""
    periods = _read_periods(history, cutoff, horizon)
    latest = periods[0]
    missed = np.empty((len(QUANTILES), latest.days.size))
    for learned, rest in _divide(periods):
        learners = _train(method, learned, QUANTILES)
        for place in range(len(QUANTILES)):
            told = _tell(method, learners, place, latest.known[rest])
            missed[place, rest] = np.log(latest.days[rest]) - told
    shifts = tuple(
        float(np.quantile(row, quantile))
        for row, quantile in zip(missed, QUANTILES, strict=True)
    )
    return NextOrderModel(method, _train(method, periods, QUANTILES), shifts, horizon)


def _train(method, periods, quantiles):
    """Return a fitted regression per quantile; of the plain methods none."""
    if method != "trees":
        return ()
    known = np.vstack([period.known for period in periods])
    days = np.concatenate([period.days for period in periods])
    return tuple(_train_trees(quantile, known, days) for quantile in quantiles)


def _train_trees(quantile, known, days):
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


def _tell(method, learners, place, known):
    """Return log days before they are moved."""
    if learners:
        with threadpool_limits(1):
            return learners[place].predict(known)
    return known[:, -1] if method == "rhythm" else np.zeros(known.shape[0])


def _predict(model, known):
    middle, low, high = (
        _tell(model.method, model.learners, place, known) + shift
        for place, shift in enumerate(model.shifts)
    )
    # Quantiles learned apart may cross.
    quantiles = middle, np.minimum(low, middle), np.maximum(high, middle)
    return tuple(np.clip(np.exp(days), 1, model.horizon) for days in quantiles)

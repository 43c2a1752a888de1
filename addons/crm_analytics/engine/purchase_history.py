"""What was known of each customer on a day: his purchases up to it, and no later fact.

Every model that looks ahead learns from these features at earlier days, so that nothing
of the future leaks into them.
"""

from typing import NamedTuple

import numpy as np

WINDOWS = (30, 90, 180)
SIGNAL_WINDOW = 180
# Names of the features before those of the signals.
FEATURES = (
    "silence",
    "orders",
    "age",
    "revenue",
    "overdue",
    *(f"{what}_{days}" for days in WINDOWS for what in ("orders", "revenue")),
    "basket",
    "lines",
    "last_basket",
    "irregular",
)


class PurchaseHistory(NamedTuple):
    """Purchases of all customers, one row per customer and day, in this order.

    ``signals`` are other facts about customers by name, such as complaints: a pair of
    arrays, customer and day.
    """

    customer: np.ndarray
    day: np.ndarray
    value: np.ndarray
    lines: np.ndarray
    customer_count: int
    signals: dict


class Features(NamedTuple):
    """What was known of those who had bought: ``known`` has a row for each of them."""

    customer: np.ndarray
    known: np.ndarray
    names: tuple

    def column(self, name):
        """Return one feature of all customers, shape (n,)."""
        return self.known[:, self.names.index(name)]


def build(customer, day, value, lines=None, customer_count=None, signals=None):
    """Return the history of these purchases; those of one day are one purchase.

    Parameters
    ----------
    customer : array of int, shape (m,)
        From 0 to the number of customers less one.
    day : array of int, shape (m,)
        Any day zero.
    value : array of float, shape (m,)
    lines : array of float, shape (m,), optional
        Order lines of the purchase.
    customer_count : int, optional
    signals : dict of str to pair of arrays, optional

    Returns
    -------
    PurchaseHistory
    """
    customer = np.asarray(customer, np.int64)
    day, value = np.asarray(day, np.int64), np.asarray(value, float)
    lines = np.ones(customer.size) if lines is None else np.asarray(lines, float)
    if customer_count is None:
        customer_count = int(customer.max()) + 1 if customer.size else 0
    first = day.min() if day.size else 0
    span = (day.max() - first + 1) if day.size else 1
    key, position = np.unique(customer * span + day - first, return_inverse=True)
    return PurchaseHistory(
        key // span,
        key % span + first,
        np.bincount(position, value, key.size),
        np.bincount(position, lines, key.size),
        customer_count,
        signals or {},
    )


def features(history, cutoff):
    """Return what was known at the end of day ``cutoff`` of those who had bought.

    Parameters
    ----------
    history : PurchaseHistory
    cutoff : int
        Purchases and signals of later days are not looked at.

    Returns
    -------
    Features
        Amounts and counts as logarithms; see ``FEATURES``.
    """
    until = history.day <= cutoff
    customer, day = history.customer[until], history.day[until]
    value, lines = np.maximum(history.value[until], 0), history.lines[until]
    size = history.customer_count
    count = np.bincount(customer, minlength=size)
    first, last = _first_and_last(customer, size)
    have_bought = np.flatnonzero(count)
    total = np.bincount(customer, value, size)[have_bought]
    count = count[have_bought].astype(float)
    first_day, last_day = day[first[have_bought]], day[last[have_bought]]
    silence, age = cutoff - last_day, cutoff - first_day
    rhythm = (last_day - first_day) / np.maximum(count - 1, 1)
    columns = [
        np.log1p(silence),
        np.log1p(count),
        np.log1p(age),
        np.log1p(total),
        np.log1p(silence / np.where(rhythm > 0, rhythm, np.maximum(age, 1))),
    ]
    for days in WINDOWS:
        recent = day > cutoff - days
        columns += [
            np.log1p(np.bincount(customer[recent], weights, size)[have_bought])
            for weights in (None, value[recent])
        ]
    basket = total / count
    columns += [
        np.log1p(basket),
        np.log1p(np.bincount(customer, lines, size)[have_bought] / count),
        np.log1p(value[last[have_bought]]) - np.log1p(basket),
        _irregularity(customer, day, size)[have_bought],
    ]
    for signal_customer, signal_day in history.signals.values():
        known = (signal_day <= cutoff) & (signal_day > cutoff - SIGNAL_WINDOW)
        number = np.bincount(signal_customer[known], minlength=size)
        columns.append(np.log1p(number[have_bought]))
    names = (*FEATURES, *history.signals)
    return Features(have_bought, np.column_stack(columns), names)


def days_to_next(history, customer, cutoff):
    """Return the days from ``cutoff`` to each customer's next purchase, or infinity.

    Parameters
    ----------
    customer : array of int, shape (n,)

    Returns
    -------
    array of float, shape (n,)
    """
    after = history.day > cutoff
    soonest = np.full(history.customer_count, np.inf)
    np.minimum.at(soonest, history.customer[after], history.day[after] - cutoff)
    return soonest[customer]


def rhythm(history, cutoff, gaps_of_all=2):
    """Return the log of each customer's usual days between purchases, shape (n,).

    The mean log gap of his own, with ``gaps_of_all`` of the mean of all customers: of
    who has bought once or twice it is nearly that of all.
    """
    until = history.day <= cutoff
    customer, day = history.customer[until], history.day[until]
    same = np.diff(customer) == 0
    gap, who = np.log(np.diff(day)[same]), customer[1:][same]
    number = np.bincount(who, minlength=history.customer_count)
    total = np.bincount(who, gap, history.customer_count)
    of_all = total.sum() / number.sum() if number.sum() else 0.0
    return (total + gaps_of_all * of_all) / (number + gaps_of_all)


def _first_and_last(customer, size):
    """Return the positions of each customer's first and last row (rows are sorted)."""
    everyone = np.arange(size)
    return (
        np.searchsorted(customer, everyone, "left"),
        np.searchsorted(customer, everyone, "right") - 1,
    )


def _irregularity(customer, day, size):
    """Return the variation of the gaps between purchases, one half where unknown."""
    same = np.diff(customer) == 0
    gap, who = np.diff(day)[same].astype(float), customer[1:][same]
    number = np.bincount(who, minlength=size)
    mean = np.bincount(who, gap, size) / np.maximum(number, 1)
    square = np.bincount(who, gap**2, size) / np.maximum(number, 1)
    spread = np.sqrt(np.maximum(square - mean**2, 0)) / np.maximum(mean, 1)
    return np.where(number > 1, spread, 0.5)

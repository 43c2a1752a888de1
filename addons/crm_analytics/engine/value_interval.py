"""How far off a customer's lifetime value may be: the interval of what he will spend.

Purchases to come are mixed over what is not known of a customer (does he still buy,
how often, how much): BG/NBD for the number, gamma-gamma for the values. Few buy at the
expected value; most do not buy at all, or much more, which the interval tells.

Sources: P. Fader, B. Hardie, K. Lee, Counting Your Customers the Easy Way (2005),
equation 8, from the posterior of a customer who is alive (both parameters keep their
form); P. Fader, B. Hardie, The Gamma-Gamma Model of Monetary Value (2013) for the
posterior of the values.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import gammainc, gammaincinv

from . import bg_nbd

COVERAGE = 0.8
# What is left of the probability when counting stops; nobody buys so often.
REST = 1e-4
MOST_PURCHASES = 5000
HALVINGS = 14


class PurchaseCount(NamedTuple):
    """How many purchases to expect, one customer a column.

    ``none`` has the chance of no purchase, shape (n,). The others have shape (2, n),
    first if the customer still buys at the end of the horizon, then if he drops out
    before: ``chance`` of at least one purchase and this end, ``mean`` and ``square``
    (mean square) of the purchases then.
    """

    none: np.ndarray
    chance: np.ndarray
    mean: np.ndarray
    square: np.ndarray


def purchase_count(fitted, frequency, recency, age, horizon):
    """Return how the purchases of each customer within ``horizon`` are distributed.

    Parameters
    ----------
    fitted : bg_nbd.BgNbdFit
    frequency, recency, age : array of float, shape (n,)
    horizon : float
        In the unit of time of the data.

    Returns
    -------
    PurchaseCount
    """
    frequency, age = np.asarray(frequency, float), np.asarray(age, float)
    alive = bg_nbd.probability_alive(fitted, frequency, recency, age)
    # Of the living only frequency and age matter: many share them.
    pairs, place = np.unique(
        np.column_stack([frequency, age]), axis=0, return_inverse=True
    )
    none, moments = _count_of_the_living(fitted, *pairs.T, horizon)
    place = place.ravel()
    chance, mean, square = moments[:, :, place]
    share = np.maximum(chance, 1e-300)
    return PurchaseCount(
        1 - alive * (1 - none[place]), alive * chance, mean / share, square / share
    )


def spending(fitted, values, customers, horizon, coverage=COVERAGE):
    """Return the interval that holds what each customer spends within ``horizon``.

    As many are to be above as below. Where more than that buy nothing, the interval
    begins at zero and holds more customers than promised, those above being as many.

    Parameters
    ----------
    fitted : bg_nbd.BgNbdFit
    values : gamma_gamma.GammaGammaFit
    customers : tuple of array of float, shape (n,)
        Frequency, recency, age and mean value of the repeat purchases.
    horizon : float
    coverage : float
        Share of the customers who are to be inside.

    Returns
    -------
    low, high : array of float, shape (n,)
    """
    frequency, recency, age, value = (np.asarray(part, float) for part in customers)
    count = purchase_count(fitted, frequency, recency, age, horizon)
    parts = _as_gamma(values, frequency, value, count)
    outside = (1 - coverage) / 2
    return tuple(_quantile(level, count, *parts) for level in (outside, 1 - outside))


def _as_gamma(values, frequency, value, count):
    """Return shape and scale of gamma distributions that have mean and variance right.

    The mean is that of equation 5 of the source, the variance that of its posterior.
    """
    p, q, v = values.parameters
    scale = v + np.where(frequency > 0, frequency * value, 0.0)
    shape = q + p * frequency
    # Below 2 a purchase has no variance: the tail is cut.
    tail = np.maximum(shape - 2, 0.1)
    mean = p * scale / (shape - 1) * count.mean
    square = (
        scale**2
        * (p**2 * count.square + p * count.mean)
        / ((shape - 1) * np.minimum(tail, shape - 1))
    )
    spread = np.maximum(square - mean**2, 1e-9 * mean**2 + 1e-300)
    return mean**2 / spread, spread / np.maximum(mean, 1e-300)


def _quantile(level, count, shape, scale):
    """Return the value below which the spending stays with the chance ``level``.

    That of a mixture lies between those of its parts.
    """
    bought = count.chance.sum(axis=0)
    wanted = np.clip((level - count.none) / np.maximum(bought, 1e-12), 0, 1 - 1e-9)
    weight = count.chance / np.maximum(bought, 1e-300)
    edges = scale * gammaincinv(shape, wanted)
    low, high = edges.min(axis=0), edges.max(axis=0)
    for _step in range(HALVINGS):
        middle = (low + high) / 2
        below = (weight * gammainc(shape, middle / scale)).sum(axis=0) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(level > count.none, (low + high) / 2, 0.0)


def _count_of_the_living(fitted, frequency, age, horizon):
    """Return the chance of none, and the moments of the others as they are summed.

    Moments: shape (3, 2, n), the chance, the sum of number and of its square.
    """
    r, alpha, a, b = fitted.parameters
    r, alpha, b = r + frequency, alpha + age, b + frequency
    log_going = np.log(horizon / (alpha + horizon))
    log_exact = r * np.log(alpha / (alpha + horizon))
    none = np.exp(log_exact)
    moments = np.zeros((3, 2, len(r)))
    # As if nobody dropped out: at most so many. Who has not dropped out after them.
    at_most, staying = none.copy(), np.ones(len(r))
    left = np.arange(len(r))
    for number in range(1, MOST_PURCHASES + 1):
        log_exact[left] += np.log((r[left] + number - 1) / number) + log_going[left]
        exact = np.exp(log_exact[left])
        gone = staying[left] * a / (a + b[left] + number - 1)
        staying[left] -= gone
        chance = np.stack(
            [staying[left] * exact, gone * np.maximum(1 - at_most[left], 0)]
        )
        moments[:, :, left] += np.array([1, number, number**2])[:, None, None] * chance
        at_most[left] += exact
        rest = 1 - none[left] - moments[0, :, left].sum(axis=1)
        left = left[rest > REST]
        if not left.size:
            break
    return none, moments

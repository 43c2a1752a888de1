"""Customers under contract: how long they stay, and who will not renew.

Each renewal is a coin that a customer throws with a chance of his own, beta distributed
over customers (``alpha``, ``beta``): the shifted-beta-geometric model. It explains why
retention rises with tenure although nobody changes. Who will not renew is told from
what was known before the renewal, see :mod:`.chance`.

Source: P. Fader, B. Hardie, How to Project Customer Retention, Journal of Interactive
Marketing 21 (2007), equations 1 to 6.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln

from . import chance
from .bg_nbd import LOG_BOUND, FitError

SIGNAL_WINDOW = 180


class RetentionFit(NamedTuple):
    """A fitted model and its log-likelihood."""

    alpha: float
    beta: float
    log_likelihood: float


class ContractFeatures(NamedTuple):
    """What was known before each renewal."""

    known: np.ndarray
    names: tuple


def fit(lost, remaining):
    """Estimate the chance of not renewing by maximum likelihood.

    Parameters
    ----------
    lost : array of float, shape (n,)
        Customers lost at the first renewal, the second ...
    remaining : float or array of float, shape (n + 1,)
        Customers still there after the last of them; or, where the next renewal of many
        is still to come, after none of them, the first, the second ...

    Returns
    -------
    RetentionFit

    Raises
    ------
    FitError
        Nobody was lost, or nobody stayed at any renewal.
    """
    lost, remaining = np.asarray(lost, float), np.asarray(remaining, float)
    if not remaining.ndim:
        remaining = np.append(np.zeros(lost.size), remaining)
    if not lost.sum() or not (lost[1:].sum() + remaining[1:].sum()):
        raise FitError("the renewals do not tell how customers differ")
    count = lost.sum() + remaining.sum()

    def objective(logs):
        alpha, beta = np.exp(logs)
        value = lost @ _log_lost(alpha, beta, lost.size)
        value += remaining @ _log_survival(alpha, beta, np.arange(remaining.size))
        return -value / count

    found = minimize(
        objective, [0.0, 0.0], method="L-BFGS-B", bounds=[(-LOG_BOUND, LOG_BOUND)] * 2
    )
    alpha, beta = np.exp(found.x)
    total = -found.fun * count
    return RetentionFit(float(alpha), float(beta), float(total))


def survival(fitted, renewals):
    """Return the share still there after each number of renewals, shape (n,)."""
    return np.exp(_log_survival(fitted.alpha, fitted.beta, np.asarray(renewals, float)))


def retention_rate(fitted, renewal):
    """Return the chance that who reached the renewal renews; the first is number 1."""
    renewal = np.asarray(renewal, float)
    total = fitted.alpha + fitted.beta + renewal - 1
    return (fitted.beta + renewal - 1) / total


def expected_renewals(fitted, renewed, rate):
    """Return the renewals to come of customers who renewed so often, discounted.

    Parameters
    ----------
    renewed : array of int, shape (n,)
    rate : float
        Discount from one renewal to the next, above zero.

    Returns
    -------
    array of float, shape (n,)
    """
    renewed = np.asarray(renewed, float)
    total, chance_of_stay = np.zeros(renewed.shape), np.ones(renewed.shape)
    for step in range(1, 1 + int(np.ceil(np.log(1e4) / np.log1p(rate)))):
        chance_of_stay = chance_of_stay * retention_rate(fitted, renewed + step)
        total += chance_of_stay / (1 + rate) ** step
    return total


def features(renewal_day, start_day, price, price_before, customer, signals, notice=30):
    """Return what was known of contracts ``notice`` days before their renewal.

    Parameters
    ----------
    renewal_day, start_day : array of int, shape (n,)
    price, price_before : array of float, shape (n,)
        Of the period to come and of the one that ends.
    customer : array of int, shape (n,)
    signals : dict of str to pair of arrays
        Customer and day of facts such as uses of the service or complaints; later ones
        than the notice are not looked at.
    notice : int
        Days in which something can still be done.

    Returns
    -------
    ContractFeatures
    """
    known_until = np.asarray(renewal_day) - notice
    price, price_before = np.asarray(price, float), np.asarray(price_before, float)
    columns = [
        np.log1p(np.maximum(known_until - start_day, 0)),
        np.log1p(np.maximum(price_before, 0)),
        np.log1p(np.maximum(price, 0)) - np.log1p(np.maximum(price_before, 0)),
    ]
    names = ["tenure", "price", "price_rise"]
    for name, (who, day) in signals.items():
        recent = _count(customer, known_until, who, day, SIGNAL_WINDOW)
        before = _count(customer, known_until - SIGNAL_WINDOW, who, day, SIGNAL_WINDOW)
        columns += [np.log1p(recent), np.log1p(recent) - np.log1p(before)]
        names += [name, f"{name}_change"]
    return ContractFeatures(np.column_stack(columns), tuple(names))


def learn(known, renewed, renewal_day):
    """Return a model of not renewing, learned on earlier ones, judged on later ones.

    Parameters
    ----------
    known : array of float, shape (n, k)
    renewed : array of bool, shape (n,)
    renewal_day : array of int, shape (n,)
        The latest third judges.

    Returns
    -------
    chance.ChanceModel, chance.ChanceQuality
    """
    lost = ~np.asarray(renewed, bool)
    late = np.asarray(renewal_day) > np.quantile(renewal_day, 2 / 3)
    return chance.learn([(known[~late], lost[~late]), (known[late], lost[late])])


def _count(customer, until, who, day, window):
    """Return how many facts each customer has in the window, by sorted search."""
    customer, until = np.asarray(customer, np.int64), np.asarray(until, np.int64)
    who, day = np.asarray(who, np.int64), np.asarray(day, np.int64)
    edges = np.concatenate([day, until - window, until]) if day.size else until
    first, span = edges.min(), edges.max() - edges.min() + 1
    facts = np.sort(who * span + day - first)
    return np.searchsorted(
        facts, customer * span + until - first, "right"
    ) - np.searchsorted(facts, customer * span + until - window - first, "right")


def _log_survival(alpha, beta, renewals):
    return betaln(alpha, beta + renewals) - betaln(alpha, beta)


def _log_lost(alpha, beta, renewals):
    number = np.arange(1, renewals + 1)
    return betaln(alpha + 1, beta + number - 1) - betaln(alpha, beta)

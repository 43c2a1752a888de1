"""Probability that a customer buys nothing within a horizon (non-contractual churn).

What is known at a cut-off date (:mod:`.purchase_history`), learned from what happened
after it; method, calibration and figures of quality are those of :mod:`.chance`: chosen
and judged on the last period, learned on those before (time-split validation). Each
forecast is explained by the groups of facts that raise it above a typical customer's.

Customers under contract are another matter: :mod:`.contract_churn`.
"""

from typing import NamedTuple

import numpy as np

from . import chance, purchase_history

MOST_PERIODS = 3
# Facts that tell one thing to a reader; a signal is a reason of its own.
REASONS = {
    "silence": ("silence",),
    "rhythm": ("overdue", "irregular"),
    "few_orders": ("orders", "age"),
    "fewer_lately": tuple(f"orders_{days}" for days in purchase_history.WINDOWS),
    "less_lately": tuple(f"revenue_{days}" for days in purchase_history.WINDOWS),
    "small_value": ("revenue", "basket", "lines"),
    "smaller_basket": ("last_basket",),
}
# Log-odds below which a fact is not worth a word: odds of 1.05.
LEAST_EFFECT = 0.05


class ChurnForecast(NamedTuple):
    """Customers, their probability of silence, and the reasons, strongest first.

    ``reasons`` has the position of each reason in ``reason_names``, or -1; ``effects``
    the log-odds that it adds.
    """

    customer: np.ndarray
    probability: np.ndarray
    reasons: np.ndarray
    effects: np.ndarray
    reason_names: tuple
    features: purchase_history.Features


def learn(history, today, horizon):
    """Return a model of the silence after ``today`` and how well it did before.

    Parameters
    ----------
    history : purchase_history.PurchaseHistory
    today : int
        Last day of the history.
    horizon : int
        Days without a purchase that count as churn.

    Returns
    -------
    chance.ChanceModel, chance.ChanceQuality

    Raises
    ------
    chance.TooLittleHistory
    """
    periods = []
    while len(periods) < MOST_PERIODS:
        cutoff = today - (len(periods) + 1) * horizon
        period = read_period(history, cutoff, horizon)
        if not chance.is_enough(period[1]):
            break
        periods.insert(0, period)
    return chance.learn(periods)


def read_period(history, cutoff, horizon):
    """Return what was known at the cut-off, and who was silent for the horizon."""
    seen = purchase_history.features(history, cutoff)
    days = purchase_history.days_to_next(history, seen.customer, cutoff)
    return seen.known, days > horizon


def forecast(model, history, today, most_reasons=3):
    """Return each customer's probability of silence and what raises it.

    Returns
    -------
    ChurnForecast
        Of those who have bought.
    """
    seen = purchase_history.features(history, today)
    signals = {name: (name,) for name in history.signals}
    groups = {**REASONS, **signals}
    columns = [[seen.names.index(name) for name in names] for names in groups.values()]
    effects = chance.contributions(model, seen.known, columns)
    order = np.argsort(-effects, axis=1, kind="stable")[:, :most_reasons]
    strongest = np.take_along_axis(effects, order, axis=1)
    return ChurnForecast(
        seen.customer,
        chance.predict(model, seen.known),
        np.where(strongest >= LEAST_EFFECT, order, -1),
        strongest,
        tuple(groups),
        seen,
    )

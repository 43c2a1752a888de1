"""Probability that a customer buys nothing within a horizon (non-contractual churn).

Logistic regression on what is known at a cut-off date, learned from what happened
after it. Trained at one cut-off and judged at a later one, so that the figures of
quality are those of a forecast (time-split validation).
"""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FEWEST_CUSTOMERS = 100
FEWEST_OF_A_KIND = 20


class ChurnQuality(NamedTuple):
    """How well the forecast did on the validation cut-off."""

    auc: float
    lift: float
    brier: float
    base_rate: float
    customers: int


def features(frequency, recency, age, revenue):
    """Return what the model knows of each customer at the cut-off.

    Parameters
    ----------
    frequency, recency, age, revenue : array of float, shape (n,)
        Repeat purchases, time from the first to the last, time since the first (one
        unit), revenue so far.

    Returns
    -------
    array of float, shape (n, 5)
    """
    silence = np.asarray(age, float) - recency
    rhythm = np.asarray(recency, float) / np.maximum(frequency, 1)
    overdue = silence / np.where(rhythm > 0, rhythm, np.maximum(age, 1e-9))
    return np.column_stack(
        [
            np.log1p(silence),
            np.log1p(frequency),
            np.log1p(age),
            np.log1p(np.maximum(revenue, 0)),
            np.log1p(overdue),
        ]
    )


def is_enough(silent):
    """Return whether there are customers enough of both kinds to learn from."""
    silent = np.asarray(silent, bool)
    rarer = min(silent.sum(), silent.size - silent.sum())
    return silent.size >= FEWEST_CUSTOMERS and rarer >= FEWEST_OF_A_KIND


def train(known, silent):
    """Return a model fitted to the features and to who then bought nothing."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(known, np.asarray(silent, bool))


def predict(model, known):
    """Return the probability of silence of each customer, shape (n,)."""
    return model.predict_proba(known)[:, 1]


def judge(probability, silent):
    """Compare a forecast with what happened.

    Returns
    -------
    ChurnQuality
        AUC, lift of the tenth most at risk, Brier score, share of the silent.
    """
    silent = np.asarray(silent, bool)
    riskiest = np.argsort(-probability, kind="stable")[: max(1, silent.size // 10)]
    return ChurnQuality(
        float(roc_auc_score(silent, probability)),
        float(silent[riskiest].mean() / silent.mean()),
        float(brier_score_loss(silent, probability)),
        float(silent.mean()),
        int(silent.size),
    )

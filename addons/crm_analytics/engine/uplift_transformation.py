"""Uplift by one model of a transformed class, beside the two models of :mod:`.uplift`.

Whoever was contacted and answered, or was not and did not, is of class one; the rest of
class zero. With contact drawn by lot the uplift is twice the chance of class one less
one. Customers of the smaller group weigh more, so that both groups weigh the same.

Source: M. Jaskowski, S. Jaroszewicz, Uplift Modeling for Clinical Trial Data (ICML 2012
Workshop on Clinical Data Analysis), section 3.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def fit(known, contacted, outcome):
    """Return a model of the transformed class.

    Parameters
    ----------
    known : array of float, shape (n, k)
    contacted : array of bool, shape (n,)
        Drawn by lot.
    outcome : array of bool, shape (n,)
    """
    contacted, happened = np.asarray(contacted, bool), np.asarray(outcome) != 0
    share = contacted.mean()
    weight = np.where(contacted, 0.5 / share, 0.5 / (1 - share))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(
        known, contacted == happened, logisticregression__sample_weight=weight
    )


def predict(model, known):
    """Return the uplift of each customer, shape (n,)."""
    return 2 * model.predict_proba(known)[:, 1] - 1


def predict_unseen(known, contacted, outcome, folds=4, seed=0):
    """Return the uplift of each customer, told by a model without him."""
    contacted, happened = np.asarray(contacted, bool), np.asarray(outcome) != 0
    told = np.empty(happened.size)
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for learned, rest in parts.split(known, contacted * 2 + happened):
        model = fit(known[learned], contacted[learned], happened[learned])
        told[rest] = predict(model, known[rest])
    return told

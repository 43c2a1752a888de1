"""What a contact adds to a customer's outcome, learned from a control group.

Two-model approach (T-learner): one model of the outcome of the contacted, one of the
control group; their difference is the uplift. The differences of two models exaggerate,
so they are calibrated: predicted for customers the models have not seen (cross-fitting)
and shrunk to the mean effect as far as the data do not confirm them (best linear
predictor). Judged by the Qini curve and the uplift per decile, on the same unseen
customers.

Sources: N. J. Radcliffe and P. D. Surry, Real-World Uplift Modelling with
Significance-Based Uplift Trees (2011), for the curve; P. Gutierrez and J.-Y. Gérardy,
Causal Inference and Uplift Modelling: a review of the literature (PMLR 67, 2017), for
the two models and the transformed outcome; V. Chernozhukov, M. Demirer, E. Duflo and
I. Fernández-Val, Generic Machine Learning Inference on Heterogeneous Treatment Effects
(2018), for the calibration.
"""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FOLDS = 4
FEWEST_OF_A_GROUP = 200
FEWEST_WITH_OUTCOME = 20


class UpliftModel(NamedTuple):
    """The models of both groups and how far their difference is believed.

    The uplift is ``mean_effect + slope * (difference - mean_difference)``.
    """

    contacted: object
    control: object
    mean_effect: float
    mean_difference: float
    slope: float


class UpliftQuality(NamedTuple):
    """How well the uplift of unseen customers was told.

    ``qini`` is the area between the curve and the straight line of contacting at
    random, in outcome per customer; ``shares`` and ``gains`` are the curve.
    """

    qini: float
    shares: list
    gains: list
    deciles: list
    mean_effect: float
    standard_error: float
    slope: float
    contacted: int
    control: int


class TooLittleHistory(ValueError):
    """There are not customers enough in one of the groups."""


def is_enough(contacted, outcome):
    """Return whether both groups have customers and outcomes enough to learn from."""
    contacted, happened = np.asarray(contacted, bool), np.asarray(outcome) != 0
    return all(
        group.sum() >= FEWEST_OF_A_GROUP
        and (group & happened).sum() >= FEWEST_WITH_OUTCOME
        for group in (contacted, ~contacted)
    )


def fit(known, contacted, outcome, seed=0):
    """Learn the uplift and judge it on customers the models have not seen.

    Parameters
    ----------
    known : array of float, shape (n, k)
        What was known of each customer before the contact.
    contacted : array of bool, shape (n,)
        Drawn at random; the others are the control group.
    outcome : array of float, shape (n,)
        Zero or one, or an amount.
    seed : int
        Of the division into folds.

    Returns
    -------
    UpliftModel, UpliftQuality

    Raises
    ------
    TooLittleHistory
        See :func:`is_enough`.
    """
    known, outcome = np.asarray(known, float), np.asarray(outcome, float)
    contacted = np.asarray(contacted, bool)
    if not is_enough(contacted, outcome):
        raise TooLittleHistory(
            f"{contacted.sum()} contacted and {(~contacted).sum()} in control groups"
        )
    unseen = np.empty(outcome.size)
    strata = contacted * 2 + (outcome != 0)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for learned, told in folds.split(known, strata):
        models = _fit_pair(known[learned], contacted[learned], outcome[learned])
        unseen[told] = _difference(*models, known[told])
    effect, error, slope = _calibrate(unseen, contacted, outcome)
    model = UpliftModel(
        *_fit_pair(known, contacted, outcome), effect, float(unseen.mean()), slope
    )
    shares, gains = qini_curve(unseen, contacted, outcome)
    quality = UpliftQuality(
        qini_coefficient(shares, gains),
        shares.tolist(),
        gains.tolist(),
        uplift_per_group(unseen, contacted, outcome).tolist(),
        effect,
        error,
        slope,
        int(contacted.sum()),
        int((~contacted).sum()),
    )
    return model, quality


def predict(model, known):
    """Return the expected outcome with the contact less that without it, shape (n,)."""
    difference = _difference(model.contacted, model.control, np.asarray(known, float))
    return model.mean_effect + model.slope * (difference - model.mean_difference)


def uplift_at(share, score, contacted, outcome):
    """Return the uplift among the ``share`` of customers with the highest scores.

    Mean outcome of the contacted among them less that of the control group.
    """
    top = np.argsort(-np.asarray(score), kind="stable")
    return _mean_difference(top[: max(1, round(share * top.size))], contacted, outcome)


def uplift_per_group(score, contacted, outcome, groups=10):
    """Return the uplift of each tenth of the customers, highest scores first."""
    order = np.argsort(-np.asarray(score), kind="stable")
    return np.array(
        [
            _mean_difference(part, contacted, outcome)
            for part in np.array_split(order, groups)
        ]
    )


def qini_curve(score, contacted, outcome, points=20):
    """Return the Qini curve: what contacting the best share brings.

    Radcliffe: outcomes of the contacted among the best, less those of the control
    group among them, scaled to as many; here per customer of all, so that the last
    point is the mean effect.

    Returns
    -------
    shares, gains : array of float, shape (points + 1,)
    """
    contacted = np.asarray(contacted, bool)
    outcome = np.asarray(outcome, float)
    order = np.argsort(-np.asarray(score), kind="stable")
    inside, result = contacted[order], outcome[order]
    sums = [
        np.concatenate([[0], np.cumsum(values)])
        for values in (inside, ~inside, inside * result, ~inside * result)
    ]
    shares = np.linspace(0, 1, points + 1)
    cuts = np.round(shares * order.size).astype(int)
    count, rest, gained, lost = (total[cuts] for total in sums)
    scale = np.divide(count, rest, out=np.zeros(points + 1), where=rest > 0)
    return shares, (gained - lost * scale) / max(1, contacted.sum())


def qini_coefficient(shares, gains):
    """Return the area between the curve and the line of contacting at random."""
    return float(np.trapezoid(gains - np.asarray(shares) * gains[-1], shares))


def qini_share(score, contacted, outcome):
    """Return the Qini coefficient as a share of that of a perfect order.

    Perfect: first the contacted who answered, last those of the control group who did
    (Radcliffe, Using Control Groups to Target on Predicted Lift, 2007). One is never
    reached, zero is chance.
    """
    happened = np.asarray(outcome) != 0
    perfect = np.where(np.asarray(contacted, bool), 1, -1) * happened
    best = qini_coefficient(*qini_curve(perfect, contacted, happened, 100))
    found = qini_coefficient(*qini_curve(score, contacted, happened, 100))
    return found / best if best else 0.0


def _fit_pair(known, contacted, outcome):
    return [_fit_one(known[group], outcome[group]) for group in (contacted, ~contacted)]


def _fit_one(known, outcome):
    is_chance = np.isin(outcome, (0, 1)).all()
    method = LogisticRegression(max_iter=1000) if is_chance else Ridge(alpha=10)
    return make_pipeline(StandardScaler(), method).fit(known, outcome)


def _difference(contacted_model, control_model, known):
    with_contact, without = (
        model.predict_proba(known)[:, 1]
        if hasattr(model[-1], "predict_proba")
        else model.predict(known)
        for model in (contacted_model, control_model)
    )
    return with_contact - without


def _calibrate(difference, contacted, outcome):
    """Regress the outcome on the contact and on its product with the difference.

    Returns
    -------
    mean_effect, standard_error, slope : float
        The slope is kept between zero (all customers alike) and one.
    """
    share = contacted.mean()
    effect = outcome[contacted].mean() - outcome[~contacted].mean()
    error = np.sqrt(
        outcome[contacted].var(ddof=1) / contacted.sum()
        + outcome[~contacted].var(ddof=1) / (~contacted).sum()
    )
    if difference.std() == 0:
        return float(effect), float(error), 0.0
    centred = difference - difference.mean()
    chance = contacted - share
    design = np.column_stack([np.ones(outcome.size), centred, chance, chance * centred])
    slope = np.linalg.lstsq(design, outcome, rcond=None)[0][3]
    return float(effect), float(error), float(np.clip(slope, 0, 1))


def _mean_difference(part, contacted, outcome):
    inside = np.asarray(contacted, bool)[part]
    result = np.asarray(outcome, float)[part]
    if not inside.any() or inside.all():
        return float("nan")
    return float(result[inside].mean() - result[~inside].mean())

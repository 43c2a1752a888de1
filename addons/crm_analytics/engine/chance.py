"""Chance that something happens to a customer: chosen, calibrated, judged, explained.

Logistic regression and boosted trees learn on earlier periods and forecast the last
one; the better by log loss is kept (time-split validation), with Platt's sigmoid or
isotonic regression to calibrate it, whichever does better on customers left out. The
figures of quality are those of customers left out as well, of the choice too: each is
told by the method and the calibration that did best on the others.

Sources: J. Platt, Probabilistic Outputs for Support Vector Machines (1999); B. Zadrozny
and C. Elkan, Transforming Classifier Scores into Accurate Multiclass Probability
Estimates (KDD 2002); A. Niculescu-Mizil and R. Caruana, Predicting Good Probabilities
with Supervised Learning (ICML 2005); intervals: E. DeLong, D. DeLong and D.
Clarke-Pearson, Comparing the Areas under Two or More Correlated Receiver Operating
Characteristic Curves (Biometrics 44, 1988), with midranks as X. Sun and W. Xu (IEEE
Signal Processing Letters 21, 2014); E. Wilson, Probable Inference (JASA 22, 1927).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import binomtest, rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

FEWEST_CUSTOMERS = 100
FEWEST_OF_A_KIND = 20
# A step function needs many customers: Niculescu-Mizil and Caruana, section 5.
FEWEST_FOR_ISOTONIC = 1000
# Above, trees may tell finer differences.
LARGE = 10_000
# More do not make it better and cost a minute each: 200,000 customers take 6 s.
MOST_TO_LEARN_FROM = 200_000
# Fewer are learned by heart.
FEWEST_FOR_TREES = 1000
METHODS = ("logistic", "trees")
FOLDS = 5
MOST_GROUPS = 10
# Shares of fewer tell chance rather than calibration.
FEWEST_OF_A_GROUP = 30
# Two-sided 95 %.
CONFIDENCE = 0.95
NORMAL_QUANTILE = 1.96
EDGE = 1e-4
BATCH = 100_000


class ChanceQuality(NamedTuple):
    """How well customers left out were told.

    ``lift`` and ``top_share`` are those of the tenth with the highest chance;
    ``..._low`` and ``..._high`` are the ends of 95 % intervals;
    ``told`` and ``seen`` compare forecast and share per group of equally many
    customers, the highest chance first (calibration): tenths, fewer of few customers;
    ``rivals`` is the log loss of each method; ``split`` tells whether a later period
    (``time``) or others of the same (``customers``) were left out.
    """

    auc: float
    lift: float
    top_share: float
    brier: float
    log_loss: float
    calibration_error: float
    base_rate: float
    customers: int
    told: list
    seen: list
    method: str = ""
    calibrator: str = ""
    split: str = ""
    rivals: dict = {}
    auc_low: float = np.nan
    auc_high: float = np.nan
    lift_low: float = np.nan
    lift_high: float = np.nan


class ChanceModel(NamedTuple):
    """The chosen method, its calibration, and the customer others are compared with."""

    method: str
    learner: object
    calibrator: object
    reference: np.ndarray


class TooLittleHistory(ValueError):
    """There are not customers enough of both kinds to learn from."""


def is_enough(happened):
    """Return whether there are customers enough of both kinds to learn from."""
    happened = np.asarray(happened, bool)
    rarer = min(happened.sum(), happened.size - happened.sum())
    return bool(happened.size >= FEWEST_CUSTOMERS and rarer >= FEWEST_OF_A_KIND)


def learn(periods, seed=0):
    """Choose, calibrate and judge a model.

    Parameters
    ----------
    periods : list of (array of float, shape (n, k); array of bool, shape (n,))
        What was known at the start of each period and whether it then happened, oldest
        first. Of a single one, other customers are told than those learned from.
    seed : int
        Of the division into folds and of the draw where there are very many.

    Returns
    -------
    ChanceModel, ChanceQuality

    Raises
    ------
    TooLittleHistory
    """
    periods = [(np.asarray(x, float), np.asarray(y, bool)) for x, y in periods]
    if not periods or not all(is_enough(happened) for _known, happened in periods):
        raise TooLittleHistory("a period with customers of both kinds is needed")
    known, happened = periods[-1]
    forecasts = {
        method: _score_last(method, periods, seed)
        for method in (METHODS if happened.size >= FEWEST_FOR_TREES else METHODS[:1])
    }
    told = {
        (method, kind): _calibrate_left_out(kind, score, happened, seed)
        for method, score in forecasts.items()
        for kind in _calibrators_for(happened)
    }
    losses = {choice: log_loss(happened, chance) for choice, chance in told.items()}
    method, kind = min(losses, key=losses.get)
    calibrator = _fit_calibrator(kind, _score_refitted(method, periods, seed), happened)
    learner = train(method, *_pool(periods, seed))
    quality = judge(_choose_left_out(told, happened, seed), happened)._replace(
        method=method,
        calibrator=kind,
        split="time" if len(periods) > 1 else "customers",
        rivals={
            each: min(loss for choice, loss in losses.items() if choice[0] == each)
            for each in forecasts
        },
    )
    return ChanceModel(method, learner, calibrator, np.median(known, axis=0)), quality


def train(method, known, happened):
    """Return a fitted learner: ``logistic`` or ``trees``."""
    if method == "logistic":
        learner = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    else:
        is_large = len(happened) > LARGE
        learner = HistGradientBoostingClassifier(
            max_iter=200 if is_large else 120,
            learning_rate=0.05,
            max_leaf_nodes=16 if is_large else 8,
            min_samples_leaf=40,
            l2_regularization=5,
            early_stopping=False,
            random_state=0,
        )
    # Threads that share a busy machine wait for each other: ten times as long.
    with threadpool_limits(1):
        return learner.fit(known, happened)


def predict(model, known):
    """Return the calibrated chance of each customer, shape (n,)."""
    return model.calibrator(_scores(model.learner, np.asarray(known, float)))


def contributions(model, known, groups=None):
    """Return by how much each group of features moves each customer's chance.

    The log-odds as they are less those with the group's features of the typical
    customer: the same question to any method, answered without its inside.

    Parameters
    ----------
    known : array of float, shape (n, k)
    groups : list of list of int, optional
        Columns that tell one thing; by default each for itself.

    Returns
    -------
    array of float, shape (n, number of groups)
    """
    known = np.asarray(known, float)
    groups = groups or [[index] for index in range(known.shape[1])]
    parts = np.empty((known.shape[0], len(groups)))
    for start in range(0, known.shape[0], BATCH):
        some = known[start : start + BATCH]
        base = _scores(model.learner, some)
        for number, columns in enumerate(groups):
            other = some.copy()
            other[:, columns] = model.reference[columns]
            told = base - _scores(model.learner, other)
            parts[start : start + BATCH, number] = told
    return parts


def judge(chance, happened):
    """Compare a forecast with what happened.

    Parameters
    ----------
    chance : array of float, shape (n,)
    happened : array of bool, shape (n,)

    Returns
    -------
    ChanceQuality
    """
    chance, happened = np.asarray(chance, float), np.asarray(happened, bool)
    order = np.argsort(-chance, kind="stable")
    groups = np.clip(happened.size // FEWEST_OF_A_GROUP, 1, MOST_GROUPS)
    parts = np.array_split(order, groups)
    told = np.array([chance[part].mean() for part in parts])
    seen = np.array([happened[part].mean() for part in parts])
    sizes = np.array([part.size for part in parts])
    top = happened[order[: max(1, happened.size // 10)]]
    auc = float(roc_auc_score(happened, chance))
    auc_low, auc_high = auc_interval(auc, auc_standard_error(chance, happened))
    top_share = binomtest(int(top.sum()), top.size).proportion_ci(CONFIDENCE, "wilson")
    return ChanceQuality(
        auc=auc,
        auc_low=auc_low,
        auc_high=auc_high,
        lift_low=float(top_share.low / happened.mean()),
        lift_high=float(top_share.high / happened.mean()),
        lift=float(top.mean() / happened.mean()),
        top_share=float(top.mean()),
        brier=float(brier_score_loss(happened, chance)),
        log_loss=float(log_loss(happened, np.clip(chance, EDGE, 1 - EDGE))),
        calibration_error=float(np.abs(told - seen) @ sizes / sizes.sum()),
        base_rate=float(happened.mean()),
        customers=int(happened.size),
        told=told.tolist(),
        seen=seen.tolist(),
    )


def auc_interval(auc, error):
    """Return the ends of the 95 % interval, normal on the scale of log-odds.

    Of few customers it holds the truth more often than that on the scale itself.
    """
    if not 0 < auc < 1:
        return auc, auc
    half = NORMAL_QUANTILE * error / (auc * (1 - auc))
    low, high = expit(logit(auc) + np.array([-half, half]))
    return float(low), float(high)


def auc_standard_error(chance, happened):
    """Return the standard error of the area under the curve (DeLong and others).

    Parameters
    ----------
    chance : array of float, shape (n,)
    happened : array of bool, shape (n,)
    """
    rank = rankdata(chance)
    variance = 0.0
    for kind in happened, ~happened:
        # Of each customer the share of those of the other kind that lie below him.
        below = (rank[kind] - rankdata(chance[kind])) / (~kind).sum()
        variance += below.var(ddof=1) / below.size
    return float(np.sqrt(variance))


def _choose_left_out(told, happened, seed):
    """Return the chances by the choice that did best on customers of other folds.

    The best of several on the same customers would look better than it is.
    """
    chosen = np.empty(happened.size)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + 1)
    for others, rest in folds.split(happened, happened):
        best = min(
            told, key=lambda choice: log_loss(happened[others], told[choice][others])
        )
        chosen[rest] = told[best][rest]
    return chosen


def _scores(learner, known):
    """Return the log-odds that a learner tells."""
    # As in train, and in parts: what a learner makes of a million customers on the way
    # is several times as large as they are.
    with threadpool_limits(1):
        return np.concatenate(
            [
                learner.decision_function(known[start : start + BATCH])
                for start in range(0, max(1, len(known)), BATCH)
            ]
        )


def _score_last(method, periods, seed):
    """Return the log-odds of the last period, told by earlier ones if there are any."""
    known, happened = periods[-1]
    if len(periods) > 1:
        return _scores(train(method, *_pool(periods[:-1], seed)), known)
    return _score_refitted(method, periods, seed)


def _score_refitted(method, periods, seed):
    """Return the log-odds of the last period, told by all periods without its customer.

    The model in use has learned from the last period too: its scores are to be
    calibrated, not those of the model that knew the earlier ones only.
    """
    *earlier, (known, happened) = periods
    score = np.empty(happened.size)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for learned, rest in folds.split(known, happened):
        others = [*earlier, (known[learned], happened[learned])]
        score[rest] = _scores(train(method, *_pool(others, seed)), known[rest])
    return score


def _pool(periods, seed):
    known = np.vstack([part for part, _happened in periods])
    happened = np.concatenate([part for _known, part in periods])
    if happened.size <= MOST_TO_LEARN_FROM:
        return known, happened
    drawn = np.random.default_rng(seed).choice(
        happened.size, MOST_TO_LEARN_FROM, replace=False
    )
    return known[drawn], happened[drawn]


def _calibrators_for(happened):
    rarer = min(happened.sum(), happened.size - happened.sum())
    return ("platt", "isotonic") if rarer >= FEWEST_FOR_ISOTONIC else ("platt",)


def _fit_calibrator(kind, score, happened):
    if kind == "isotonic":
        step = IsotonicRegression(y_min=EDGE, y_max=1 - EDGE, out_of_bounds="clip")
        return step.fit(score, happened).predict
    # Platt, section 2.2: nothing is certain, however well the scores divide.
    likely = (happened.sum() + 1) / (happened.sum() + 2)
    unlikely = 1 / ((~happened).sum() + 2)
    target = np.where(happened, likely, unlikely)
    sigmoid = LogisticRegression(C=1e6).fit(
        np.tile(score, 2)[:, None],
        np.repeat([True, False], score.size),
        np.concatenate([target, 1 - target]),
    )
    return lambda new: sigmoid.predict_proba(np.asarray(new)[:, None])[:, 1]


def _calibrate_left_out(kind, score, happened, seed):
    """Return the calibrated chances, each by a calibration without its customer."""
    told = np.empty(happened.size)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for learned, rest in folds.split(score, happened):
        told[rest] = _fit_calibrator(kind, score[learned], happened[learned])(
            score[rest]
        )
    return told

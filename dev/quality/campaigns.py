"""Hillstrom: uplift of a mailing; bank: chance of a lead."""

import numpy as np
import shared_data
from engine import chance, uplift, uplift_transformation
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from .cdnow import README
from .plot import lines
from .section import Figure, Section

ZONES = ("Surburban", "Urban", "Rural")
CHANNELS = ("Phone", "Web", "Multichannel")
NUMBERS = ("age", "balance", "day", "campaign", "pdays", "previous")
# Known after the call only.
LEAK = "duration"


def describe_uplift():
    rows = shared_data.read("hillstrom_email")
    known = np.array([_describe_customer(row) for row in rows], float)
    arm = np.array([row["segment"] for row in rows])
    visit = np.array([float(row["visit"]) for row in rows])
    part = arm != "Mens E-Mail"
    known, visit, contacted = known[part], visit[part], arm[part] == "Womens E-Mail"
    _model, quality = uplift.fit(known, contacted, visit)
    told = uplift_transformation.predict_unseen(known, contacted, visit)
    shares, gains = uplift.qini_curve(told, contacted, visit)
    figures = [
        Figure("hillstrom_qini", "Qini, two models, visits per customer",
               quality.qini, None, "", 5),
        Figure("hillstrom_qini_transformed", "Qini, class transformation",
               uplift.qini_coefficient(shares, gains), None, "", 5),
        Figure("hillstrom_qini_share", "Share of a perfect order's Qini",
               uplift.qini_share(told, contacted, visit), None, ""),
        Figure("hillstrom_visits_contacted", "Visits of the contacted",
               visit[contacted].mean(), 0.1514, README, 4),
        Figure("hillstrom_visits_control", "Visits of the control group",
               visit[~contacted].mean(), 0.10617, README, 4),
        Figure("hillstrom_effect", "Effect of the mailing", quality.mean_effect,
               round(0.1514 - 0.10617, 5), README, 4),
    ]  # fmt: skip
    chance_line = np.array(shares) * gains[-1]
    plot = lines(
        "Visits gained by mailing the best share",
        shares,
        [
            ("two models", quality.gains),
            ("transformed", gains),
            ("chance", chance_line),
        ],
        "share of customers mailed",
        "visits per customer",
    )
    text = (
        "The mailing for women against no mailing; every customer is told by models "
        "that have not seen him. Zero is chance."
    )
    return Section("Uplift on Hillstrom", text, figures, [plot])


def _describe_customer(row):
    return [
        *(float(row[name]) for name in ("recency", "history", "mens", "womens")),
        float(row["newbie"]),
        *(row["zip_code"] == zone for zone in ZONES),
        *(row["channel"] == channel for channel in CHANNELS),
        float(row["mens"]) * float(row["womens"]),
    ]


def describe_leads():
    rows = shared_data.read("bank_marketing")
    known = _encode(rows)
    won = np.array([row["subscribed"] == "yes" for row in rows])
    told = _learn_nested(known, won)
    quality = chance.judge(told, won)
    figures = [
        Figure("bank_auc", "AUC, choice of the method included", quality.auc, 0.797,
               f"{README}; Moro, Cortez, Rita 2014 report 0.8 on a richer variant"),
        Figure("bank_auc_logistic", "AUC of logistic regression",
               _score_left_out("logistic", known, won), 0.765, README),
        Figure("bank_calibration", "Mean calibration error by tenths",
               quality.calibration_error, None, ""),
    ]  # fmt: skip
    text = (
        "Who of 45,211 called customers subscribes, without the duration of the call, "
        "which is known only afterwards. Five folds, nested: method and calibration "
        "are chosen, in folds of their own, without the customers who judge them."
    )
    return Section("Chance of a lead on Bank Marketing", text, figures, [])


def _learn_nested(known, happened):
    """Return the chances, each by a model chosen and learned without its customer."""
    told = np.empty(happened.size)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for learned, rest in folds.split(known, happened):
        model, _quality = chance.learn([(known[learned], happened[learned])])
        told[rest] = chance.predict(model, known[rest])
    return told


def _encode(rows):
    columns = [[float(row[name]) for row in rows] for name in NUMBERS]
    for name in rows[0]:
        if name in (*NUMBERS, LEAK, "subscribed"):
            continue
        values = np.array([row[name] for row in rows])
        columns += [values == value for value in np.unique(values)]
    return np.column_stack(columns).astype(float)


def _score_left_out(method, known, happened):
    score = np.empty(happened.size)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for learned, rest in folds.split(known, happened):
        model = chance.train(method, known[learned], happened[learned])
        score[rest] = model.decision_function(known[rest])
    return roc_auc_score(happened, score)

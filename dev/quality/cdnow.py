"""CDNOW: repeat buying, value of a purchase, silence, next order."""

from datetime import date

import numpy as np
import shared_data
from engine import (
    bg_nbd,
    chance,
    churn,
    gamma_gamma,
    goodness_of_fit,
    next_order,
    purchase_history,
    value_interval,
)

from .plot import bars, lines
from .section import Figure, Section

PAPER = "Fader, Hardie, Lee 2005"
VALUE_NOTE = "Fader, Hardie 2013"
README = "measured, ../shared/data/README.md"
FEATURES = "features.md, row {}"
START = date(1997, 1, 1)
CUT = (date(1997, 9, 30) - START).days
WEEKS = 39


def read_sample():
    """Return the first day, frequency, and later purchases of the 1/10 sample."""
    rows = shared_data.read("cdnow_sample_calibration_summary")
    columns = ("frequency", "recency_weeks", "T_weeks")
    summary = np.array([[float(row[name]) for name in columns] for row in rows])
    purchases = shared_data.read_cdnow("cdnow_sample_transactions", "sample_id")
    return summary.T, purchase_history.build(**purchases)


def repeat_values(history):
    """Return the number and the mean value of each customer's repeat purchases."""
    known = history.day <= CUT
    who, value = history.customer[known], history.value[known]
    repeat = np.concatenate([[False], who[1:] == who[:-1]])
    count = np.bincount(who[repeat], minlength=history.customer_count)
    total = np.bincount(who[repeat], value[repeat], history.customer_count)
    return count.astype(float), total / np.maximum(count, 1)


def describe_buying():
    (frequency, recency, age), history = read_sample()
    fitted = bg_nbd.fit(frequency, recency, age)
    expected = bg_nbd.expected_purchases(fitted, frequency, recency, age, WEEKS)
    actual = np.bincount(
        history.customer[history.day > CUT], minlength=history.customer_count
    ).astype(float)
    one = bg_nbd.expected_purchases(fitted, [2], [30.43], [38.86], WEEKS)[0]
    published = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    figures = [
        Figure(f"bgnbd_cdnow_{name}", f"BG/NBD {name}", value, published[name], PAPER)
        for name, value in zip(published, fitted.parameters, strict=True)
    ]
    figures += [
        Figure(
            f"bgnbd_cdnow_{name}_error", f"Standard error of {name}", error, None, ""
        )
        for name, error in zip(published, fitted.standard_errors, strict=True)
    ]
    figures += [
        Figure("bgnbd_cdnow_log_likelihood", "Log-likelihood",
               fitted.log_likelihood, -9582.4, PAPER, 1),
        Figure("bgnbd_cdnow_one_customer", "Purchases of x=2, t=30.43, T=38.86",
               one, 1.226, PAPER),
        Figure("bgnbd_cdnow_holdout", "Repeat purchases told, weeks 40 to 78",
               expected.sum(), 1653, README, 0),
        Figure("bgnbd_cdnow_holdout_mae", "Mean absolute error per customer",
               np.abs(expected - actual).mean(), "<= 0.786", FEATURES.format(43)),
    ]  # fmt: skip
    plots = [
        _plot_tracking(fitted, history),
        _plot_holdout(frequency, actual, expected),
    ]
    text = (
        "Repeat purchases of 2,357 customers, learned on 39 weeks, told for the next "
        "39. Without a model, repeating each customer's past rate, the error is 1.024."
    )
    return Section("Repeat buying: BG/NBD on CDNOW", text, figures, plots)


def _plot_tracking(fitted, history):
    first = np.full(history.customer_count, np.inf)
    np.minimum.at(first, history.customer, history.day)
    repeat = history.day[history.day > first[history.customer]]
    weeks = np.arange(0, 79, 3)
    actual, expected = goodness_of_fit.tracking(fitted, first / 7, repeat / 7, weeks)
    return lines(
        "Repeat purchases of all, learned to week 39",
        weeks,
        [("actual", actual), ("expected", expected)],
        "weeks",
    )


def _plot_holdout(frequency, actual, expected):
    seen, told = goodness_of_fit.by_frequency(frequency, actual, expected)
    labels = [*range(len(seen) - 1), f"{len(seen) - 1}+"]
    return bars(
        "Holdout by purchases before",
        labels,
        [("actual", seen), ("expected", told)],
        "repeat purchases in weeks 1 to 39",
        "purchases each",
    )


def describe_value():
    _summary, history = read_sample()
    count, value = repeat_values(history)
    fitted = gamma_gamma.fit(count, value)
    published = {"p": 6.25, "q": 3.74, "v": 15.44}
    figures = [
        Figure(f"gamma_gamma_cdnow_{name}", f"Gamma-gamma {name}", found,
               published[name], VALUE_NOTE, 2)
        for name, found in zip(published, fitted.parameters, strict=True)
    ]  # fmt: skip
    first = gamma_gamma.expected_value(fitted, count, value)[:10]
    spends = (24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17)
    figures += [
        Figure("gamma_gamma_cdnow_log_likelihood", "Log-likelihood",
               fitted.log_likelihood, -4055.92, VALUE_NOTE, 2),
        Figure("gamma_gamma_cdnow_first_ten", "Largest difference of the first ten "
               "expected spends", np.abs(first - spends).max(), "<= 0.005", VALUE_NOTE),
    ]  # fmt: skip
    figures += _judge_intervals(fitted, count, value, history)
    text = (
        "The value of the next purchase of the 946 who bought again, and what each "
        "of the 2,357 spends in the 39 weeks after: one in ten is to be above the "
        "interval; it begins at zero where more than that buy nothing."
    )
    return Section("Value of a purchase: gamma-gamma on CDNOW", text, figures, [])


def _judge_intervals(spending, count, value, history):
    (frequency, recency, age), _history = read_sample()
    buying = bg_nbd.fit(frequency, recency, age)
    low, high = value_interval.spending(
        buying, spending, (frequency, recency, age, value), WEEKS
    )
    later = history.day > CUT
    spent = np.bincount(
        history.customer[later], history.value[later], history.customer_count
    )
    told = bg_nbd.expected_purchases(
        buying, frequency, recency, age, WEEKS
    ) @ gamma_gamma.expected_value(spending, count, value)
    names = [
        ("inside", ((spent >= low) & (spent <= high)).mean(), ">= 0.8"),
        ("above", (spent > high).mean(), "0.1 promised"),
        ("ratio", told / spent.sum(), "1"),
    ]
    labels = {
        "inside": "Customers inside their 80 % interval",
        "above": "Customers above it",
        "ratio": "Revenue told to revenue that came",
    }
    return [
        Figure(f"value_cdnow_{name}", labels[name], figure, goal, "holdout, 39 weeks")
        for name, figure, goal in names
    ]


def describe_silence():
    history = purchase_history.build(**shared_data.read_cdnow())
    _model, quality = chance.learn([churn.read_period(history, CUT, 273)])
    _model, waited = next_order.learn(history, int(history.day.max()), 180)
    figures = [
        Figure("churn_auc_cdnow", "AUC, nothing in 273 days", quality.auc, 0.772,
               README),
        Figure("churn_calibration_cdnow", "Mean calibration error by tenths",
               quality.calibration_error, None, ""),
        Figure("next_order_coverage_cdnow", "Next orders inside the 80 % interval",
               waited.coverage, "0.75 to 0.85", FEATURES.format(43)),
        Figure("next_order_error_cdnow", "Mean error in days", waited.error,
               f"< {waited.naive_error:.1f}",
               "all told the median of the period before", 1),
    ]  # fmt: skip
    plots = [plot_calibration("Silent in 273 days, by tenths of risk", quality)]
    text = (
        f"All 23,570 customers at 1997-09-30; method chosen: {quality.method}, "
        f"calibrated by {quality.calibrator}. Next order: {waited.method}, chosen on "
        "an earlier period than the one that judges."
    )
    return Section("Churn and next order on CDNOW", text, figures, plots)


def plot_calibration(title, quality):
    return bars(
        title,
        range(1, len(quality.seen) + 1),
        [("happened", quality.seen), ("told", quality.told)],
        "tenths, most at risk first",
    )

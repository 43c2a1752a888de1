"""Online Retail: churn, next order, recommendation, forecast of revenue."""

import numpy as np
import shared_data
from engine import churn, forecast, next_order, purchase_history, recommendation

from .cdnow import FEATURES, README, plot_calibration
from .plot import bars, lines
from .section import Figure, Section


def describe_churn():
    history = purchase_history.build(**shared_data.OnlineRetail().purchases)
    today = int(history.day.max())
    _model, quality = churn.learn(history, today, 91)
    _model, waited = next_order.learn(history, today, 91)
    figures = [
        Figure("churn_auc_online_retail", "AUC, nothing in 91 days", quality.auc,
               ">= 0.737", FEATURES.format(41)),
        Figure("churn_top_tenth_online_retail", "Gone of the tenth most at risk",
               quality.top_share, ">= 0.646", FEATURES.format(41)),
        Figure("churn_lift_online_retail", "Its lift", quality.lift, None, ""),
        Figure("churn_calibration_online_retail", "Mean calibration error by tenths",
               quality.calibration_error, None, ""),
        Figure("churn_base_rate_online_retail", "Share gone of all", quality.base_rate,
               0.429, FEATURES.format(41)),
        Figure("next_order_coverage_online_retail",
               "Next orders inside the 80 % interval", waited.coverage,
               "0.75 to 0.85", FEATURES.format(43)),
        Figure("next_order_error_online_retail", "Mean error in days", waited.error,
               f"< {waited.naive_error:.1f}",
               "all told the median of the period before", 1),
    ]  # fmt: skip
    rivals = ", ".join(f"{name} {loss:.4f}" for name, loss in quality.rivals.items())
    text = (
        "Cut 2011-09-09, learned on the two quarters before and judged on the one "
        f"after. Chosen: {quality.method} with {quality.calibrator} calibration; log "
        f"loss {rivals}. The reference was cross-validated within one cut, which is "
        f"the easier task. Next order: {waited.method}, chosen on an earlier period "
        "than the one that judges."
    )
    plots = [plot_calibration("Gone in 91 days, by tenths of risk", quality)]
    return Section("Churn and next order on Online Retail", text, figures, plots)


def describe_recommendation():
    retail = shared_data.OnlineRetail()
    quality = recommendation.choose(
        *retail.goods, retail.CUT, retail.customers.size, retail.items.size
    )
    source = FEATURES.format(19)
    figures = [
        Figure("online_retail_hit_at_10", "Hit rate at 10", quality.hit_at_10,
               ">= 0.45", source),
        Figure("online_retail_hit_at_5", "Hit rate at 5", quality.hit_at_5, None, ""),
        Figure("online_retail_popularity_at_10", "Best sellers to everybody, at 10",
               quality.popularity_at_10, 0.324, README),
        Figure("online_retail_cosine_at_10", "Item-item cosine, at 10",
               quality.rivals["cosine"], 0.45, README),
    ]  # fmt: skip
    rivals = list(quality.rivals)
    plots = [
        bars("Hit rate at 10", rivals, [("hit", [quality.rivals[n] for n in rivals])])
    ]
    text = (
        f"Share of {quality.customers:,} customers who after 2011-09-09 bought one of "
        f"ten products that they had not bought before. Chosen: {quality.method}."
    )
    return Section("Recommendation on Online Retail", text, figures, plots)


def describe_revenue():
    history = purchase_history.build(**shared_data.OnlineRetail().purchases)
    # The last day is not a whole one.
    revenue = np.bincount(history.day, history.value)[:-1]
    told = forecast.forecast(revenue, 14, 7)
    steps = np.arange(-42, 14)
    past = np.concatenate([revenue[-42:], np.full(14, np.nan)])
    future = [
        np.concatenate([np.full(42, np.nan), part])
        for part in (told.mean, told.low, told.high)
    ]
    plot = lines(
        "Revenue by day, two weeks ahead",
        steps,
        [("actual", past), *zip(("forecast", "low", "high"), future, strict=True)],
        "days",
    )
    text = (
        f"Sales per day. Used now: {told.quality.method}. The error is that of "
        "later origins, told by what had done best on earlier ones."
    )
    return Section(
        "Forecast of revenue on Online Retail",
        text,
        forecast_figures("online_retail", told.quality),
        [plot],
    )


def forecast_figures(name, quality):
    """Return the figures of a forecast against the season repeated."""
    return [
        Figure(f"forecast_error_{name}", "Scaled error (MASE)", quality.scaled_error,
               quality.naive_scaled_error, "season repeated, same origins"),
        Figure(f"forecast_coverage_{name}", "Inside the 80 % interval",
               quality.coverage, 0.8, "promised"),
    ]  # fmt: skip

"""Forecast of the pipeline on the opportunities of a fictitious company."""

import shared_data
from engine import pipeline

from .cdnow import FEATURES
from .section import Figure, Section

DAYS = 30


def describe_pipeline():
    data = shared_data.Pipeline(pipeline.OPEN)
    deals = pipeline.Deals(**data.deals)
    told = pipeline.forecast(deals, data.LAST_DAY, DAYS, data.agents.size).quality
    source = FEATURES.format(12)
    figures = [
        Figure("pipeline_win_rate", "Won, of those closed", told.win_rate, 0.6315,
               source, 4),
        Figure("pipeline_coverage", "Salespeople's results inside the 80 % interval",
               told.coverage, "0.75 to 0.85", source),
        Figure("pipeline_coverage_of_total", "Totals inside the 80 % interval",
               told.coverage_of_total, 0.8, "promised"),
        Figure("pipeline_error", "Mean error of the total, share of what was won",
               told.error / told.won, f"< {told.naive_error / told.won:.3f}",
               "as much as in the 30 days before"),
    ]  # fmt: skip
    text = (
        f"What is won within {DAYS} days, told each week from what was known then: "
        f"{told.forecasts} forecasts by salesperson. All of them rise and fall "
        "together towards the end of the quarter, and ten months show few quarters: "
        "too few of the totals lie inside their interval."
    )
    return Section("Forecast of the pipeline", text, figures, [])

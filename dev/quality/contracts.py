"""Customers under contract, and the forecast of contacts of a helpdesk."""

from datetime import date

import numpy as np
import shared_data
from engine import contract_churn, forecast

from .online_retail import forecast_figures
from .plot import lines
from .section import Figure, Section

PAPER = "Fader, Hardie 2007"
SURVIVORS = {
    "regular": (1000, 631, 468, 382, 326, 289, 262, 241),
    "high_end": (1000, 869, 743, 653, 593, 551, 517, 491),
}
PUBLISHED = {"regular": (0.704, 1.182), "high_end": (0.668, 3.806)}
# The last weeks hold cases whose first event only is there.
CUT_DAYS = 30


def describe_retention():
    figures, series = [], []
    years = np.arange(8)
    for name, survivors in SURVIVORS.items():
        fitted = contract_churn.fit(-np.diff(survivors), survivors[-1])
        for parameter, published in zip(
            ("alpha", "beta"), PUBLISHED[name], strict=True
        ):
            figures.append(
                Figure(f"retention_{name}_{parameter}", f"{name}: {parameter}",
                       getattr(fitted, parameter), published, PAPER)
            )  # fmt: skip
        label = name.replace("_", " ")
        series.append((label, np.array(survivors) / 1000))
        series.append((f"{label}, model", contract_churn.survival(fitted, years)))
    plot = lines("Share still there", years, series, "renewals")
    text = "Shifted-beta-geometric model of renewals, both published cohorts."
    return Section("Customers under contract", text, figures, [plot])


def describe_contacts():
    first = {}
    for row in shared_data.read("helpdesk_events"):
        day = row["complete_timestamp"][:10]
        first[row["case_id"]] = min(day, first.get(row["case_id"], day))
    start = date.fromisoformat(min(first.values()))
    days = [shared_data.day_number(day, start) for day in first.values()]
    contacts = np.bincount(days)[:-CUT_DAYS]
    contacts = contacts[contacts.size % 7 :][-700:]
    told = forecast.forecast(contacts, 14, 7)
    text = (
        "New cases per day of an Italian software company's helpdesk, two weeks ahead. "
        f"Used now: {told.quality.method}. The error is that of later origins, told by "
        "what had done best on earlier ones."
    )
    return Section(
        "Forecast of contacts", text, forecast_figures("helpdesk", told.quality), []
    )

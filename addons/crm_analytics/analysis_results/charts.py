"""Charts that a run shows, as plain dictionaries (the field widget draws them).

A *line* or *bar* chart has ``labels`` and ``series`` (``label`` and ``values``, and
``dashed`` for a line to compare with); a *grid* has the labels of its ``rows`` and
``columns`` and its ``cells``.
"""

import numpy as np

TENTHS = 10


def line_chart(key, title, labels, series, x_title="", y_title="", kind="line"):
    """Return a chart of lines, or of bars.

    :param labels: along the horizontal axis, shape (n,)
    :param series: ``(label, values, dashed)`` of each line, values of shape (n,)
    """
    return {
        "key": key,
        "title": title,
        "type": kind,
        "labels": [str(label) for label in labels],
        "series": [
            {"label": label, "values": _plain(values), "dashed": dashed}
            for label, values, dashed in series
        ],
        "x_title": x_title,
        "y_title": y_title,
    }


def grid_chart(key, title, rows, columns, cells, x_title="", y_title=""):
    """Return a table that is shaded by its numbers, shape (rows, columns)."""
    return {
        "key": key,
        "title": title,
        "type": "grid",
        "rows": [str(label) for label in rows],
        "columns": [str(label) for label in columns],
        "cells": [_plain(row) for row in cells],
        "x_title": x_title,
        "y_title": y_title,
    }


def tenths(probability, happened):
    """Compare a forecast with what happened, in ten groups of equal size.

    Parameters
    ----------
    probability : array of float, shape (n,)
        Forecast for each customer.
    happened : array of bool, shape (n,)

    Returns
    -------
    tuple of two arrays, shape (10,)
        Mean forecast and share to whom it happened, highest forecast first.
    """
    order = np.argsort(-np.asarray(probability, float), kind="stable")
    groups = np.array_split(order, TENTHS)
    forecast = [float(np.mean(np.asarray(probability)[g])) for g in groups if g.size]
    actual = [float(np.mean(np.asarray(happened)[g])) for g in groups if g.size]
    return np.array(forecast), np.array(actual)


def _plain(values):
    """Return numbers that JSON has: no infinity, no not-a-number."""
    return [
        float(value) if value is not None and np.isfinite(value) else None
        for value in values
    ]

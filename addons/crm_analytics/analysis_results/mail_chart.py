"""Charts as the bars and shaded tables that every mail program shows."""

# Points of a line that a table holds.
LONGEST_TABLE = 13
COLORS = {"success": "#28a745", "warning": "#f0ad4e", "danger": "#d9534f"}
PLAIN_COLOR = "#714b67"


def plain(chart):
    """Return a chart of a dashboard as bars or as a table.

    :param dict chart: with ``bars``, with the ``cells`` of a grid, or with ``series``
    :return: ``title``, ``note``, ``bars`` (``label``, ``value``, ``share`` of the
        longest in per cent, ``color``), ``columns`` and ``rows`` (``label`` and
        ``cells``, each with ``value``, ``color`` and ``background``)
    :rtype: dict
    """
    bars, columns, rows = chart.get("bars") or [], [], []
    if chart.get("cells"):
        columns = chart["columns"]
        rows = _shade(zip(chart["rows"], map(_get_values, chart["cells"]), strict=True))
    elif chart.get("series"):
        labels, series = chart["labels"], chart["series"]
        if len(series) == 1:
            bars = [
                {"label": label, "value": value or 0}
                for label, value in zip(labels, series[0]["values"], strict=True)
            ]
        else:
            columns = [line["label"] for line in series]
            values = zip(*(line["values"] for line in series), strict=True)
            rows = _leave_white(_thin_out(list(zip(labels, values, strict=True))))
    return {
        "title": chart["title"],
        "note": chart.get("note"),
        "bars": _measure(bars),
        "columns": columns,
        "rows": rows,
        "corner": chart.get("y_title") or chart.get("x_title") or "",
    }


def _measure(bars):
    highest = max((abs(bar["value"]) for bar in bars), default=0)
    if not highest:
        return []
    return [
        {
            "label": bar["label"],
            "value": bar["value"],
            "share": round(abs(bar["value"]) * 100 / highest),
            "color": COLORS.get(bar.get("tone"), PLAIN_COLOR),
        }
        for bar in bars
    ]


def _get_values(cells):
    """Return the values; where nobody is, the cell of a class is empty."""
    return [
        (cell["value"] or None) if isinstance(cell, dict) else cell for cell in cells
    ]


def _thin_out(lines):
    step = -(-len(lines) // LONGEST_TABLE) or 1
    return lines[::step]


def _leave_white(lines):
    return [
        {
            "label": label,
            "cells": [
                {"value": value, "color": "#333333", "background": "#ffffff"}
                for value in values
            ],
        }
        for label, values in lines
    ]


def _shade(lines):
    """Shade the cells by their values; without any value there is no table."""
    lines = list(lines)
    highest = max(
        (value or 0 for _label, values in lines for value in values), default=0
    )
    if highest <= 0:
        return []
    return [
        {
            "label": label,
            "cells": [
                _get_shaded(value, max(value or 0, 0) / highest) for value in values
            ],
        }
        for label, values in lines
    ]


def _get_shaded(value, share):
    shade = [round(255 - share * 0.8 * (255 - tone)) for tone in (0x71, 0x4B, 0x67)]
    return {
        "value": value,
        "color": "#ffffff" if share > 0.75 else "#333333",
        "background": "#{:02x}{:02x}{:02x}".format(*shade),
    }

"""Figures of quality as rows of a table."""


def flatten(quality, prefix=""):
    """Return ``{key: figure}`` of nested figures, keys joined by a dot.

    Lists are numbered. Text and empty figures are kept.
    """
    rows = {}
    items = quality.items() if isinstance(quality, dict) else enumerate(quality, 1)
    for key, figure in items:
        name = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(figure, (dict, list, tuple)):
            rows.update(flatten(figure, name))
        else:
            rows[name] = figure
    return rows


def in_order_of(labels, figures):
    """Return the keys of the figures as the labels stand, the unknown ones last.

    The database keeps no order of its own.
    """
    known = [key for key in labels if key in figures]
    return [*known, *(key for key in figures if key not in labels)]


def format_figure(figure):
    """Return a figure as people read it: four significant digits."""
    if figure is None:
        return "–"
    if isinstance(figure, bool) or not isinstance(figure, (int, float)):
        return str(figure)
    if figure == int(figure) and abs(figure) < 1e15:
        return f"{int(figure):,}"
    return f"{figure:,.4g}" if abs(figure) < 1e4 else f"{figure:,.0f}"

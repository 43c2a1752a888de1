"""Plots as inline SVG: lines or bars over one axis, made without any library."""

from html import escape

import numpy as np

WIDTH, HEIGHT = 460, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 34, 58
COLOURS = ("#714b67", "#0b7c85", "#c2690b", "#5b6770")
TICKS = 5


def lines(title, x, series, x_title="", y_title=""):
    """Return a plot of lines; ``series`` is a list of label and values."""
    frame = _Frame(title, x, series, x_title, y_title)
    parts = []
    for number, (_label, values) in enumerate(series):
        points = " ".join(
            f"{frame.across(at):.1f},{frame.up(value):.1f}"
            for at, value in zip(x, values, strict=True)
            if np.isfinite(value)
        )
        dash = "" if number == 0 else ' stroke-dasharray="6 3"'
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[number]}" '
            f'stroke-width="2"{dash}/>'
        )
    return frame.draw(parts)


def bars(title, labels, series, x_title="", y_title=""):
    """Return a plot of bars side by side, one group for each label."""
    places = np.arange(len(labels), dtype=float)
    frame = _Frame(title, places, series, x_title, y_title, labels)
    width = 0.8 * frame.step() / len(series)
    parts = []
    for number, (_label, values) in enumerate(series):
        for place, value in zip(places, values, strict=True):
            if not np.isfinite(value):
                continue
            left = frame.across(place) - 0.4 * frame.step() + number * width
            edges = sorted((frame.up(0), frame.up(value)))
            parts.append(
                f'<rect x="{left:.1f}" y="{edges[0]:.1f}" width="{width:.1f}" '
                f'height="{edges[1] - edges[0]:.1f}" fill="{COLOURS[number]}"/>'
            )
    return frame.draw(parts)


class _Frame:
    def __init__(self, title, x, series, x_title, y_title, labels=None):
        self.title, self.x_title, self.y_title = title, x_title, y_title
        self.labels, self.series = labels, series
        values = np.concatenate([np.asarray(part, float) for _name, part in series])
        values = values[np.isfinite(values)]
        self.low, self.high = min(0.0, values.min()), values.max() * 1.05
        half = 0.5 if labels is not None else 0
        self.first, self.last = min(x) - half, max(x) + half

    def across(self, value):
        share = (value - self.first) / (self.last - self.first or 1)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def up(self, value):
        share = (value - self.low) / (self.high - self.low or 1)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def step(self):
        return self.across(1) - self.across(0)

    def draw(self, parts):
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="{escape(self.title)}">'
            f'<text x="{LEFT}" y="16" class="title">{escape(self.title)}</text>'
            + "".join([*self._draw_axes(), *parts, *self._draw_legend()])
            + "</svg>"
        )

    def _draw_axes(self):
        for value in _round_ticks(self.low, self.high):
            y = self.up(value)
            yield (
                f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
                f'class="grid"/><text x="{LEFT - 6}" y="{y + 4:.1f}" '
                f'text-anchor="end">{_short(value)}</text>'
            )
        y = HEIGHT - BOTTOM + 15
        for place, label in self._get_x_ticks():
            yield (
                f'<text x="{self.across(place):.1f}" y="{y}" text-anchor="middle">'
                f"{escape(label)}</text>"
            )
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield (
            f'<text x="{middle}" y="{HEIGHT - 24}" text-anchor="middle">'
            f"{escape(self.x_title)}</text>"
            f'<text x="12" y="{(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" '
            f'transform="rotate(-90 12 {(TOP + HEIGHT - BOTTOM) / 2})">'
            f"{escape(self.y_title)}</text>"
        )

    def _get_x_ticks(self):
        if self.labels is not None:
            return enumerate(map(str, self.labels))
        return ((at, _short(at)) for at in _round_ticks(self.first, self.last))

    def _draw_legend(self):
        x = LEFT
        for number, (label, _values) in enumerate(self.series):
            yield (
                f'<rect x="{x}" y="{HEIGHT - 14}" width="10" height="10" '
                f'fill="{COLOURS[number]}"/><text x="{x + 14}" y="{HEIGHT - 5}">'
                f"{escape(label)}</text>"
            )
            x += 28 + 6.3 * len(label)


def _round_ticks(low, high):
    """Return round numbers between the two."""
    step = (high - low) / (TICKS - 1)
    unit = 10 ** np.floor(np.log10(step))
    step = unit * next(size for size in (1, 2, 5, 10) if size * unit >= step)
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step


def _short(value):
    if abs(value) >= 10_000:
        return f"{value / 1000:,.0f}k"
    return (
        f"{value:,.0f}" if abs(value) >= 20 or value == int(value) else f"{value:.3g}"
    )

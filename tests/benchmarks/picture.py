"""Draw the measured figures that have a goal, as a picture for the README."""

from html import escape

LEFT, WIDTH, BAR, GAP = 330, 420, 16, 8
GOOD, BAD, INK, LINE = "#2e7d5b", "#c0392b", "#333333", "#999999"


def draw(results):
    """Return an SVG: each figure as a bar, as a share of its goal.

    :param dict results: the figures by name, as in ``results.json``
    """
    rows = [
        (name, row, row["value"] / row["goal"])
        for name, row in sorted(results.items())
        if row["goal"]
    ]
    scale = WIDTH / max(1.5, min(4, max((share for *_row, share in rows), default=1)))
    height = 40 + len(rows) * (BAR + GAP)
    bars = [
        bar(row, name, share, 30 + number * (BAR + GAP), scale)
        for number, (name, row, share) in enumerate(rows)
    ]
    goal = LEFT + scale
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 110}" '
        f'height="{height}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n'
        f'<text x="{goal}" y="16" text-anchor="middle" fill="{INK}">goal</text>\n'
        f'<line x1="{goal}" x2="{goal}" y1="22" y2="{height}" stroke="{LINE}"/>\n'
        + "\n".join(bars)
        + "\n</svg>\n"
    )


def bar(row, name, share, top, scale):
    met = share <= 1 if row["better"] == "lower" else share >= 1
    length = min(share * scale, WIDTH)
    middle = top + BAR - 4
    text = f"{row['value']:g} {row['unit']}"
    return (
        f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end" fill="{INK}">'
        f"{escape(name.replace('_', ' '))}</text>"
        f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" '
        f'fill="{GOOD if met else BAD}"/>'
        f'<text x="{LEFT + length + 6:.1f}" y="{middle}" fill="{INK}">'
        f"{escape(text)}</text>"
    )

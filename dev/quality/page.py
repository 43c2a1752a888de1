"""The report as one page without any other file, and as JSON."""

from html import escape

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1f2933;max-width:62rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem}h2{font-size:1.2rem;margin:2.2rem 0 .3rem}
p{margin:.3rem 0 .8rem;max-width:46rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #e1e5ea;
vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.s{color:#52606d;font-size:.85rem}
.plots{display:flex;flex-wrap:wrap;gap:1rem}
svg{width:100%;max-width:460px;flex:1 1 320px;background:#fff}
svg text{font-size:11px;fill:#52606d}svg .title{font-size:13px;fill:#1f2933}
svg .grid{stroke:#e1e5ea}
.wide{overflow-x:auto}
"""


def to_html(sections):
    """Return the page."""
    body = "".join(map(_draw_section, sections))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Quality of the analyses</title><style>{STYLE}</style></head><body>"
        "<h1>Quality of the analyses</h1>"
        "<p>Every figure is computed from public data by <code>make report</code> with "
        "the code that runs in Odoo (<code>addons/crm_analytics/engine</code>) and "
        "stands beside the published one, or the one to reach. The same figures are in "
        f"<code>quality.json</code>.</p>{body}</body></html>\n"
    )


def to_json(sections):
    """Return the figures by name, ready for JSON."""
    return {
        figure.name: {
            "value": round(float(figure.value), 6),
            "reference": figure.reference,
            "source": figure.source,
        }
        for section in sections
        for figure in section.figures
    }


def _draw_section(section):
    rows = "".join(map(_draw_figure, section.figures))
    plots = "".join(section.plots)
    return (
        f"<h2>{escape(section.title)}</h2><p>{escape(section.text)}</p>"
        '<div class="wide"><table><thead><tr><th>Figure</th><th class="n">Here</th>'
        '<th class="n">Reference</th><th>Source</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
        f'<div class="plots">{plots}</div>'
    )


def _draw_figure(figure):
    return (
        f"<tr><td>{escape(figure.label)}</td>"
        f'<td class="n">{_format(figure.value, figure.digits)}</td>'
        f'<td class="n">{escape(_format(figure.reference, figure.digits))}</td>'
        f'<td class="s">{escape(figure.source)}</td></tr>'
    )


def _format(value, digits):
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,.{digits}f}"

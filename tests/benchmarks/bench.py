"""Measure the suite: ``.venv/bin/python tests/benchmarks/bench.py [10k|100k|1M]``.

Fills a database of its own, measures, and writes ``results.json`` and ``results.md``
beside this file. Called by ``make bench``. Timings are no tests: nothing fails here.
"""

import itertools
import json
import math
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1] / "dev"))

import picture  # noqa: E402

import postgres  # noqa: E402
import template_databases  # noqa: E402
from transactions.odoo_session import odoo_environment  # noqa: E402

SIZES = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
RESULTS = FOLDER / "results.json"
# A desk with more open cases than this has other worries.
CASES_MOST = 100_000
GROWING = (
    "full_refresh",
    "plain_sql",
    "case_list",
    "case_time_left",
    "queue_pull",
    "sla_sweep",
)


def main(size):
    if size not in SIZES:
        sys.exit(f"There is no size {size}: choose {', '.join(SIZES)}.")
    postgres.start()
    prefix = template_databases.database_prefix()
    suite, stock = f"{prefix}_bench", f"{prefix}_bench_stock"
    template_databases.copy(template_databases.suite_template(), suite)
    template_databases.copy(template_databases.full_stock_template(), stock)
    try:
        for figures in measure(suite, stock, SIZES[size]):
            # What was measured is kept, however it ends.
            write(size, figures)
    finally:
        template_databases.drop(suite)
        template_databases.drop(stock)
    print((FOLDER / "results.md").read_text())


def measure(suite, stock, customers):
    """Yield the figures of each stage by name."""
    with (
        odoo_environment(stock) as stock_env,
        odoo_environment(suite, active_test=True) as env,
    ):
        import case_figures
        import dashboard_figures
        import figures
        import journey_figures
        import volume

        yield figures.compare_confirmations(stock_env, env)
        started = time.perf_counter()
        _customers, orders = volume.fill(env, customers)
        print(f"{orders} orders made in {time.perf_counter() - started:.0f} s")
        for stage, arguments in (
            (figures.measure_capture, (orders,)),
            (figures.measure_profiles, (customers,)),
            (figures.measure_segment, ()),
            (figures.measure_incremental, ()),
            (figures.measure_timeline, ()),
            (figures.measure_intake, ()),
            (journey_figures.measure_journeys, ()),
            (dashboard_figures.measure_dashboards, ()),
            *[(case_figures.measure_cases, (customers,))][: customers <= CASES_MOST],
        ):
            found = stage(env, *arguments)
            env.cr.commit()
            print(f"{stage.__name__}: {', '.join(found)}", flush=True)
            yield found


def write(size, figures):
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name, figure in figures.items():
        results[f"{name} ({size})"] = {
            **figure._asdict(),
            "value": float(f"{figure.value:.3g}"),
            "size": size,
        }
    add_growth(results)
    RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
    rows = [
        f"| {name} | {row['value']:g} {row['unit']} | {goal(row)} | {row['against']} |"
        for name, row in sorted(results.items())
    ]
    head = "| figure | measured | goal | against |\n|---|---|---|---|\n"
    table = head + "\n".join(rows) + "\n"
    (FOLDER / "results.md").write_text("# Measured figures\n\n" + table)
    (FOLDER / "results.svg").write_text(picture.draw(results))


def add_growth(results):
    """Add by which power of the customers or cases the time of some grows."""
    for small, large in itertools.pairwise(SIZES):
        for name in GROWING:
            times = [results.get(f"{name}_seconds ({size})") for size in (small, large)]
            if not all(times):
                continue
            ratio = times[1]["value"] / times[0]["value"]
            exponent = math.log(ratio) / math.log(SIZES[large] / SIZES[small])
            results[f"{name}_growth_exponent ({large})"] = {
                "value": round(exponent, 3),
                "goal": 1.05 if name == "full_refresh" and large == "1M" else None,
                "unit": "",
                "against": f"{small}, in another run",
                "better": "lower",
                "size": large,
            }


def goal(row):
    if row["goal"] is None:
        return "-"
    return f"{'at most' if row['better'] == 'lower' else 'at least'} {row['goal']:g}"


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["10k"]))

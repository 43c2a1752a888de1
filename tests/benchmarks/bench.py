"""Measure the suite: ``bench.py [10k|100k|1M] [stage ...]``.

Without stages everything is measured on a database that is filled first and dropped
after. Stages that are named are measured alone, on a database that is filled once and
kept, so that they can be measured again at little cost; ``forget`` drops it. Figures
are written to ``results.json`` and ``results.md`` beside this file. Called by
``make bench`` (``make bench SIZE=1M ARGS=dashboards``). Timings are no tests: nothing
fails here.
"""

import importlib
import inspect
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
FORGET = "forget"
# Module and function of each stage, in this order; some take the customers.
STAGES = {
    "profiles": ("figures", "measure_profiles", "customers"),
    "segment": ("figures", "measure_segment"),
    "incremental": ("figures", "measure_incremental"),
    "timeline": ("figures", "measure_timeline"),
    "intake": ("figures", "measure_intake"),
    "journeys": ("journey_figures", "measure_journeys"),
    "analyses": ("analysis_figures", "measure_analyses", "customers"),
    "dashboards": ("dashboard_figures", "measure_dashboards", "customers"),
    "cases": ("case_figures", "measure_cases", "customers"),
}
# A desk with more open cases than this has other worries.
CASES_MOST = 100_000
GROWING = (
    "affinity",
    "attribution",
    "churn",
    "clv",
    "next_order",
    "recommendation",
    "retention",
    "rfm",
    "full_refresh",
    "plain_sql",
    "case_list",
    "case_time_left",
    "queue_pull",
    "sla_sweep",
)


def main(size, *stages):
    if size not in SIZES:
        sys.exit(f"There is no size {size}: choose {', '.join(SIZES)}.")
    if unknown := set(stages) - {*STAGES, FORGET}:
        sys.exit(
            f"There is no stage {', '.join(sorted(unknown))}: choose among "
            f"{', '.join(STAGES)} or {FORGET}."
        )
    postgres.start()
    if stages:
        measure_kept(size, stages)
    else:
        measure_all(size)
    print((FOLDER / "results.md").read_text())


def measure_all(size):
    """Measure every stage on databases of this run."""
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


def measure_kept(size, stages):
    """Measure some stages on the database of this size, which is kept."""
    name = f"{template_databases.database_prefix()}_bench_{size.lower()}"
    if FORGET in stages:
        template_databases.drop(name)
        return
    if not postgres.database_exists(name):
        unfinished = f"{name}_unfinished"
        template_databases.copy(template_databases.suite_template(), unfinished)
        with odoo_environment(unfinished, active_test=True) as env:
            fill(env, SIZES[size])
        rename_database(unfinished, name)
    with odoo_environment(name, active_test=True) as env:
        for stage in stages:
            for figures in measure_stage(env, stage, SIZES[size]):
                write(size, figures)


def rename_database(old, new):
    from odoo.sql_db import close_db

    close_db(old)
    postgres.client_command(
        "psql", "-Xqc", f'ALTER DATABASE "{old}" RENAME TO "{new}"', "postgres"
    )
    (template_databases.FILESTORE / old).rename(template_databases.FILESTORE / new)


def fill(env, customers):
    """Fill in orders and what came of them, events and profiles; return the orders."""
    import figures
    import front_office
    import volume

    started = time.perf_counter()
    _customers, orders = volume.fill(env, customers)
    print(f"{orders} orders made in {time.perf_counter() - started:.0f} s", flush=True)
    figures.measure_capture(env, orders)
    figures.measure_first_fill(env)
    front_office.fill(env)
    print(f"Filled in {time.perf_counter() - started:.0f} s", flush=True)
    return orders


def measure(suite, stock, customers):
    """Yield the figures of each stage by name."""
    with (
        odoo_environment(stock) as stock_env,
        odoo_environment(suite, active_test=True) as env,
    ):
        import figures
        import front_office
        import volume

        yield figures.compare_confirmations(stock_env, env)
        started = time.perf_counter()
        _customers, orders = volume.fill(env, customers)
        print(f"{orders} orders made in {time.perf_counter() - started:.0f} s")
        yield figures.measure_capture(env, orders)
        for stage in STAGES:
            if stage == "cases" and customers > CASES_MOST:
                continue
            if stage == "analyses":
                front_office.fill(env)
            yield from measure_stage(env, stage, customers)


def measure_stage(env, stage, customers):
    """Yield the figures of a stage, those of a long one bit by bit."""
    module, function, *arguments = STAGES[stage]
    work = getattr(importlib.import_module(module), function)
    found = work(env, *[customers] * len(arguments))
    for figures in found if inspect.isgenerator(found) else [found]:
        env.cr.commit()
        print(f"{stage}: {', '.join(figures)}", flush=True)
        yield figures


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

"""Load a real log of cases into a database of Odoo.

Reads the CSV (also gzipped) of complaints to the US Consumer Financial Protection
Bureau, and of helpdesk events. Cases are routed by the rules of the database, their
pauses and promises are computed from what the log dates. May be killed and started
again: what is loaded is not loaded twice::

    .venv/bin/python dev/load_cases.py -d DATABASE FILE
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import postgres
from case_logs.case_log import CaseLogError, read_case_log
from transactions.external_ids import ExternalIds, external_name
from transactions.odoo_session import QUIET, odoo_environment
from transactions.progress_bar import ProgressBar

BATCH = 500


def load(env, log):
    """Load ``log`` into the company of ``env``, committing batch by batch.

    :return: the number of cases loaded now
    :raise CaseLogError: the app is missing
    """
    from case_logs.case_load import CaseLoad

    if "crm.case" not in env.registry:
        raise CaseLogError("Customer Service is not installed in this database.")
    env = env(context={**env.context, **QUIET})
    ids = ExternalIds(env, log.name, env.company)
    known = ids.known("crm.case", "case")
    new = [row for row in log.cases if external_name("case", row.key) not in known]
    loader = CaseLoad(env, log.name, ids)
    bar = ProgressBar("Loading cases", len(new))
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        loader.load(batch)
        env.cr.commit()
        env.invalidate_all()
        bar.advance(len(batch))
    return len(new)


def read_figures(env, log):
    """Return what the database holds of the log (dict)."""
    ids = ExternalIds(env, log.name, env.company)
    cases = env["crm.case"].browse(ids.known("crm.case", "case").values())
    statuses = env["crm.sla.status"]._read_group(
        [("case_id", "in", cases.ids)], ["target", "state"], ["__count"]
    )
    judged = Counter(row.timely for row in log.cases if row.timely is not None)
    return {
        "cases": len(cases),
        "assigned": len(cases.filtered("user_id")),
        "routed": len(cases.filtered("routing_note")),
        "pauses": env["crm.case.pause"].search_count(
            [("case_id", "in", cases.ids), ("date_to", "!=", False)]
        ),
        "timely": judged[True] / sum(judged.values()) if judged else None,
        "states": {(target, state): count for target, state, count in statuses},
    }


def print_report(log, loaded, figures, seconds):
    print(
        f"{loaded:,} cases loaded in {seconds:,.0f} s; {figures['cases']:,} of this "
        f"log are in the database, {figures['assigned']:,} with an agent, "
        f"{figures['routed']:,} routed by rules, {figures['pauses']:,} pauses."
    )
    if figures["timely"] is not None:
        print(f"In time, as the log itself judges: {figures['timely']:.1%}.")
    for target in sorted({target for target, _state in figures["states"]}):
        kept = figures["states"].get((target, "reached"), 0)
        failed = figures["states"].get((target, "failed"), 0)
        if kept + failed:
            print(
                f"Service level, {target}: {kept:,} of {kept + failed:,} kept "
                f"({kept / (kept + failed):.1%})."
            )


def print_rejects(log, reject_file):
    if not log.rejects:
        print("Every case can be loaded.")
        return
    log.write_rejects(reject_file)
    print(f"{len(log.rejects):,} cases cannot be loaded, listed in {reject_file}:")
    for reason, count in log.reject_reasons():
        print(f"  {count:>9,}  {reason}")


def read_arguments(arguments):
    parser = argparse.ArgumentParser(description="Load a log of cases into Odoo.")
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV or CSV.GZ")
    parser.add_argument("-d", "--database", required=True)
    parser.add_argument(
        "--reject-file", type=Path, metavar="PATH", help="default: FILE.rejects.csv"
    )
    return parser.parse_args(arguments)


def main(arguments):
    options = read_arguments(arguments)
    try:
        log = read_case_log(options.file)
        print_rejects(log, options.reject_file or f"{options.file.name}.rejects.csv")
        postgres.start()
        if not postgres.database_exists(options.database):
            sys.exit(f"Loader: there is no database {options.database}.")
        with odoo_environment(options.database, "--log-level=warn") as env:
            started = time.monotonic()
            loaded = load(env, log)
            seconds = time.monotonic() - started
            print_report(log, loaded, read_figures(env, log), seconds)
    except CaseLogError as error:
        sys.exit(f"Loader: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Show the product on real data: load it, run the loop once, serve it.

``make demo`` calls this after the set-up. Each stage is done once per database and
timed; an interrupted demo goes on where it stopped, a finished one starts in seconds.
With ``SERVE=0`` in the environment it ends after the summary.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

import postgres
import run_tests
import template_databases
from demo_loop import (
    analysis,
    campaign,
    child_process,
    complaint,
    customer_view,
    history,
    journey,
    loyalty,
    selling,
    settings,
    warning,
)
from demo_loop.odoo_server import OdooServer, ServerError, check_port, server_command
from demo_loop.stage import MARKER, Stage, StageError, run_stage
from demo_loop.summary import print_summary
from demo_loop.web_client import WebClient
from mail_catcher import MAIL_DIR, MailCatcher
from mail_reader import ReaderError

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests" / "data" / "online_retail_sample.csv.gz"
DEMO_DIR = ROOT / ".odoo" / "demo"
INSTALL_LOG = DEMO_DIR / "install.log"
ADDONS = ("crm_lifecycle", "crm_loyalty", "crm_feedback", "crm_analytics")
# The Debian build makes werkzeug warn of its own future with every request.
LOG_OPTIONS = ("--log-level=warn", "--log-handler=py.warnings:ERROR")
LOGIN, PASSWORD = "admin", "admin"
# Their message says it all; of other errors the trace is kept.
EXPECTED_ERRORS = (
    ReaderError,
    ServerError,
    StageError,
    postgres.PostgresError,
    template_databases.InstallError,
)


class Demo:
    """What the stages share: the database, the sessions, and what they found out."""

    def __init__(self, database, port):
        self.database = database
        self.port = port
        self.mail_dir = MAIL_DIR / database
        self.server = self.client = self.catcher = None
        self.facts = {}
        self.seconds = {}

    def fact(self, name):
        return self.facts[name]

    def remember(self, stage, seconds, facts):
        self.seconds[stage] = seconds
        self.facts.update(facts)

    def read_markers(self):
        """Learn from the database which stages are done."""
        query = (
            "SELECT json_object_agg(key, value) FROM ir_config_parameter "
            f"WHERE key LIKE '{MARKER}%'"
        )
        output = postgres.client_command("psql", "-XAtc", query, self.database)
        for key, value in json.loads(output.strip() or "{}").items():
            marker = json.loads(value)
            self.remember(key.removeprefix(MARKER), marker["seconds"], marker["facts"])


def install(demo):
    """Create the database with the addons."""
    # The modules of Odoo come from the template that the tests use too.
    with run_tests.only_one_run():
        template = template_databases.full_stock_template()
        template_databases.copy(template, demo.database)
    # Messages of an earlier database must not pass for those of this one.
    shutil.rmtree(demo.mail_dir, ignore_errors=True)
    run_odoo(demo, "--init=" + ",".join(ADDONS), "--stop-after-init")


def run_odoo(demo, *options):
    command = server_command(demo.database, demo.port, "--log-level=warn", *options)
    with INSTALL_LOG.open("wb") as log:
        failed = child_process.start(command, stdout=log, stderr=log).wait()
    if failed:
        tail = INSTALL_LOG.read_text(errors="replace")[-2000:]
        raise StageError(f"Odoo could not install the addons: {INSTALL_LOG}\n{tail}")


def load_sample(demo):
    """Load the sample as the documents of the year that ends now."""
    command = [
        sys.executable,
        str(ROOT / "dev" / "load_transactions.py"),
        "--database", demo.database,
        "--shift-to-today",
        "--email-domain", settings.MAIL_DOMAIN,
        "--reject-file", str(DEMO_DIR / "rejects.csv"),
        str(SAMPLE),
    ]  # fmt: skip
    if child_process.start(command).wait():
        raise StageError("The loader failed, see above.")
    return {}


STAGES = (
    Stage("settings", "Set the company", settings.set_company),
    Stage("load", "Load orders, invoices, payments", load_sample),
    Stage("history", "Capture events from the history", history.capture_history),
    Stage("profiles", "Refresh the profiles", history.refresh_profiles),
    Stage("analyses", "Run RFM, CLV and churn", analysis.run_analyses),
    Stage("segments", "Find the members of segments", history.refresh_segments),
    Stage("loyalty", "Open the loyalty program", loyalty.open_program),
    Stage("consents", "Record consents", campaign.record_consents),
    Stage("warning", "Warn of customers who leave", warning.watch_customers),
    Stage("sales", "Set up territories", selling.set_up_sales),
    Stage("journeys", "Start the journeys", journey.start_journeys),
    Stage("mailing", "Send the campaign's mailing", campaign.send_mailing),
    Stage("response", "Click and answer: a lead", campaign.answer_mailing),
    Stage("order", "Win: order, invoice, points", selling.win_lead),
    Stage("journey", "Move the journeys on", journey.follow_order),
    Stage("complaint", "Take a complaint by e-mail", complaint.receive_complaint),
    Stage("resolution", "Answer and solve it", complaint.resolve_complaint),
    Stage("survey", "Answer the survey, follow up", complaint.answer_survey),
    Stage("views", "See it on the 360 view", customer_view.check_views),
)


def run_demo(demo):
    """Run the stages that are missing; print the summary."""
    DEMO_DIR.mkdir(parents=True, exist_ok=True)
    postgres.start()
    check_port(demo.port)
    stage = "Create the database"
    try:
        if not is_installed(demo):
            print(f"{stage} {demo.database} with {', '.join(ADDONS)} ...", flush=True)
            started = time.monotonic()
            install(demo)
            demo.remember("install", round(time.monotonic() - started, 1), {})
        stage = "Start the server"
        with (
            MailCatcher(demo.mail_dir) as catcher,
            serve_quietly(demo, catcher) as server,
        ):
            demo.catcher, demo.server = catcher, server
            demo.client = WebClient(server.url, demo.database, LOGIN, PASSWORD)
            keep_install_marker(demo)
            # The port may be another one than last time.
            settings.set_address(demo.client, server.url)
            for number, each in enumerate(STAGES, 1):
                stage = each.title
                announce(demo, number, each)
            stage = "Summary"
            print_summary(demo, STAGES)
    except KeyboardInterrupt:
        sys.exit(f"\nDemo: interrupted in the stage '{stage}', call again to go on.")
    except Exception as error:
        sys.exit(failure(stage, error))


def failure(stage, error):
    """Return the message of a failed stage; the trace of the error goes to a file."""
    message = f"\nDemo: the stage '{stage}' failed.\n{error}"
    if isinstance(error, EXPECTED_ERRORS):
        return message
    trace_file = DEMO_DIR / "failure.log"
    trace_file.write_text(getattr(error, "trace", "") or traceback.format_exc())
    return f"{message}\nThe whole story is in {trace_file}."


def announce(demo, number, stage):
    label = f"[{number:2}/{len(STAGES)}] {stage.title}"
    if stage.name in demo.seconds:
        print(f"{label}: done before", flush=True)
        return
    print(f"{label} ...", flush=True)
    seconds = run_stage(stage, demo)
    print(f"{label}: {seconds} s", flush=True)


def is_installed(demo):
    """Tell whether the installation of the database was finished."""
    if not postgres.database_exists(demo.database):
        return False
    try:
        demo.read_markers()
    except postgres.PostgresError:
        return False
    return "install" in demo.seconds


def keep_install_marker(demo):
    """Make sure that the addons are installed, and remember it."""
    modules = [("name", "in", ADDONS), ("state", "=", "installed")]
    if demo.client.count("ir.module.module", modules) < len(ADDONS):
        raise StageError(f"Not all addons are installed, see {INSTALL_LOG}.")
    marker = json.dumps({"seconds": demo.seconds["install"], "facts": {}})
    demo.client.call("ir.config_parameter", "set_param", MARKER + "install", marker)


def serve_quietly(demo, catcher):
    """Return a server that starts no scheduled action by itself and sends to us."""
    return OdooServer(
        demo.database,
        demo.port,
        DEMO_DIR / "server.log",
        "--max-cron-threads=0",
        *LOG_OPTIONS,
        "--smtp=127.0.0.1",
        f"--smtp-port={catcher.port}",
    )


def serve(demo):
    """Serve the database until somebody ends it."""
    print(
        f"\nOdoo is at http://127.0.0.1:{demo.port}"
        f"\nLog in as {LOGIN} with the password {PASSWORD}."
        f"\nE-mails are caught in {demo.mail_dir}, not sent. Ctrl+C ends it.",
        flush=True,
    )
    with MailCatcher(demo.mail_dir) as catcher:
        command = server_command(
            demo.database,
            demo.port,
            *LOG_OPTIONS,
            "--smtp=127.0.0.1",
            f"--smtp-port={catcher.port}",
        )
        process = child_process.start(command)
        try:
            return process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            # Ctrl+C reaches the server too; a signal to this program alone does not.
            process.terminate()
            process.wait()


def main():
    parser = argparse.ArgumentParser(description="Load real data and run the loop.")
    parser.add_argument("--database", default="crm_demo")
    parser.add_argument("--port", type=int, default=8069)
    options = parser.parse_args()
    # Whoever ends this program ends its servers with it.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(1))
    demo = Demo(options.database, options.port)
    try:
        run_demo(demo)
    except (ServerError, postgres.PostgresError) as error:
        sys.exit(f"Demo: {error}")
    if os.environ.get("SERVE") != "0":
        sys.exit(serve(demo))


if __name__ == "__main__":
    main()

"""An analysis goes through the job queue and is done by another process of Odoo.

One process puts it there, another one with a job runner takes it; when that one is
killed at work, the next one goes on.
"""

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest

import log_check
import postgres
import template_databases

ROOT = template_databases.ROOT
TIMEOUT = 300
LOG = template_databases.LOGS / "queue_job.log"
GLUE = "crm_analytics_queue_job"
PRESS = """
partners = env["res.partner"].create([{"name": f"Buyer {n}"} for n in range(30)])
orders = env["sale.order"].create([{"partner_id": p.id} for p in partners])
orders.write({"state": "sale"})
env["crm.customer.profile"]._refresh(partners)
run = env["crm.analytics.run"].create({"kind": "rfm"})
for _press in range(2):
    run.action_run()
env["ir.cron"].search([]).active = False
env.cr.commit()
print("left", run.state, flush=True)
"""
JOBS = "SELECT state FROM queue_job WHERE method_name = '_run_queued_step'"
RUNS = """
    SELECT state, COALESCE(customer_count >= 30, FALSE), COALESCE(is_current, FALSE)
      FROM crm_analytics_run
"""
HOLD = "BEGIN; LOCK TABLE crm_analytics_result; SELECT 'held';\n"

pytestmark = pytest.mark.skipif(
    GLUE not in template_databases.own_addons(), reason="queue_job is not there"
)


@pytest.fixture(scope="module")
def with_queue():
    """The name of a database with the suite, the queue and the glue."""
    name = f"{template_databases.database_prefix()}_with_queue"
    template_databases.copy(template_databases.suite_template(), name)
    LOG.unlink(missing_ok=True)
    template_databases.install(name, ["queue_job"], LOG)
    yield name
    template_databases.drop(name)


@pytest.fixture
def database(with_queue):
    name = f"{template_databases.database_prefix()}_queue"
    template_databases.copy(with_queue, name)
    yield name
    template_databases.drop(name)


@contextmanager
def host(database):
    """An Odoo server that runs jobs; killed when its work is done."""
    port = free_port()
    process = subprocess.Popen(
        [ROOT / "dev" / "odoo", "-d", database, f"--http-port={port}",
         "--load=base,web,queue_job", "--max-cron-threads=0", "--log-level=critical"],
        start_new_session=True,
        env={**os.environ, "ODOO_QUEUE_JOB_CHANNELS": "root:2,root.analytics:1"},
    )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def held_up(database):
    """Let every analysis wait where it keeps its results."""
    process = subprocess.Popen(
        ["psql", "-XAtq", database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=postgres.environment(),
    )
    process.stdin.write(HOLD)
    process.stdin.flush()
    assert process.stdout.readline().strip() == "held"
    try:
        yield
    finally:
        process.stdin.close()
        process.wait()


def query(sql, database):
    return postgres.client_command("psql", "-XAtc", sql, database).split()


def wait_until(is_so):
    end = time.monotonic() + TIMEOUT
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.5)


def press_run(database):
    """Start an analysis by hand, twice, in a process that runs no jobs."""
    done = subprocess.run(
        [ROOT / "dev" / "odoo", "shell", "-d", database, "--log-level=critical"],
        input=PRESS,
        capture_output=True,
        text=True,
    )
    assert "left waiting" in done.stdout, done.stdout + done.stderr


def test_another_process_does_it_and_the_next_goes_on_if_it_is_killed(database):
    press_run(database)
    assert query(JOBS, database) == ["pending"]
    with held_up(database), host(database):
        wait_until(lambda: query(JOBS, database) == ["started"])
    assert query(RUNS, database) == ["waiting|f|f"]
    with host(database):
        wait_until(lambda: set(query(JOBS, database)) == {"done"})
    assert query(RUNS, database) == ["done|t|t"]


def test_the_addon_installs_itself_and_passes_its_tests(database):
    state = f"SELECT state FROM ir_module_module WHERE name = '{GLUE}'"
    assert query(state, database) == ["installed"]
    template_databases.run_odoo(
        ["-d", database, f"--test-tags=/{GLUE}", "--stop-after-init",
         f"--http-port={free_port()}", f"--logfile={LOG}"],
        LOG,
    )  # fmt: skip
    assert "0 failed, 0 error(s)" in LOG.read_text()
    assert not log_check.warnings_in(LOG)

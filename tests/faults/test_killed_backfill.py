"""Reading the history survives kill -9: it goes on where it stood, nothing twice."""

import os
import signal
import subprocess

import pytest

import postgres
import template_databases

ROOT = template_databases.ROOT
FACTS = 20_000
BATCH = 1_000
# Facts of one purpose, of as many customers; the suite's own facts come on top.
FILL = f"""
    INSERT INTO crm_consent_log (partner_id, kind, purpose_id, channel, granted, date)
    SELECT (SELECT min(id) FROM res_partner), 'decision',
           (SELECT min(id) FROM crm_consent_purpose), 'email', true,
           now() - make_interval(secs => number)
      FROM generate_series(1, {FACTS}) number;
    UPDATE crm_customer_event_type SET backfill_done = (code != 'consent_given'),
           backfill_next_id = 0
"""
READ_HISTORY = f"""
from odoo.addons.crm_lifecycle.models import crm_customer_event_type_history as history
history.BACKFILL_BATCH = {BATCH}
types = env["crm.customer.event.type"]
commit = env.registry["crm.customer.event.type"]._commit_progress
def commit_and_tell(self, *args, **kwargs):
    left = commit(self, *args, **kwargs)
    print("batch", flush=True)
    return left
env.registry["crm.customer.event.type"]._commit_progress = commit_and_tell
types._cron_backfill()
env.cr.commit()
print("done", flush=True)
"""
COUNT = """
    SELECT count(*), count(DISTINCT res_id) FROM crm_customer_event event
      JOIN crm_customer_event_type type ON type.id = event.type_id
     WHERE type.code = 'consent_given'
"""


@pytest.fixture
def database():
    name = f"{template_databases.database_prefix()}_killed"
    template_databases.copy(template_databases.suite_template(), name)
    postgres.client_command("psql", "-Xqc", FILL, name)
    yield name
    template_databases.drop(name)


def read_history(database):
    process = subprocess.Popen(
        [ROOT / "dev" / "odoo", "shell", "-d", database, "--log-level=critical"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process.stdin.write(READ_HISTORY)
    process.stdin.close()
    return process


def count(database):
    output = postgres.client_command("psql", "-XAtc", COUNT, database)
    return tuple(map(int, output.strip().split("|")))


def test_history_is_read_once_whatever_happens(database):
    process = read_history(database)
    batches = 0
    for line in process.stdout:
        batches += "batch" in line
        if batches == 5:
            os.killpg(process.pid, signal.SIGKILL)
            break
    process.wait()
    read, _documents = count(database)
    assert 0 < read < FACTS, "killed in the middle"

    process = read_history(database)
    lines = process.stdout.read().split()
    assert process.wait() == 0
    assert lines[-1] == "done"
    assert lines.count("batch") < FACTS / BATCH, "it did not begin anew"
    assert count(database) == (FACTS, FACTS)

"""Cases of a log in a database: complete, with their history, and only once."""

import subprocess
import sys

import pytest
from test_case_log import COMPLAINT, EVENT, write

import postgres
import template_databases

ROOT = template_databases.ROOT
TICKET = (
    ("Take in charge ticket", "2012-10-09 09:00:00"),
    ("Wait", "2012-10-09 10:00:00"),
    ("Resolve ticket", "2012-10-10 10:00:00"),
    ("Closed", "2012-11-09 10:00:00"),
)


@pytest.fixture(scope="module")
def database():
    name = f"{template_databases.database_prefix()}_cases"
    template_databases.copy(template_databases.suite_template(), name)
    yield name
    template_databases.drop(name)


def load(database, path):
    command = [sys.executable, ROOT / "dev" / "load_cases.py", "-d", database, path]
    command += ["--reject-file", path.with_suffix(".rejects")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def query(database, sql):
    return postgres.client_command("psql", "-XAtc", sql, database).strip()


def test_tickets_have_their_pauses_and_promises(database, tmp_path):
    rows = [
        {
            **EVENT,
            "case_id": f"Case {ticket}",
            "activity": name,
            "complete_timestamp": at,
        }
        for ticket in range(3)
        for name, at in TICKET
    ]
    path = write(tmp_path / "events.csv", rows)
    assert "3 cases loaded" in load(database, path)
    assert "0 cases loaded" in load(database, path), "nothing twice"
    cases = "SELECT id FROM crm_case WHERE name LIKE 'Case %: Value 2'"
    assert query(database, f"SELECT count(*) FROM ({cases}) k") == "3"
    pauses = query(
        database,
        "SELECT DISTINCT date_from, date_to FROM crm_case_pause WHERE date_to IS NOT"
        f" NULL AND case_id IN ({cases})",
    )
    assert pauses == "2012-10-09 10:00:00|2012-10-10 10:00:00"
    statuses = query(
        database,
        f"SELECT DISTINCT target, state FROM crm_sla_status WHERE case_id IN ({cases})",
    )
    assert "resolution|reached" in statuses


def test_complaints_are_routed_and_not_judged_without_a_date(database, tmp_path):
    rows = [{**COMPLAINT, "complaint_id": str(number)} for number in range(5)]
    rows.append({**COMPLAINT, "complaint_id": ""})
    output = load(database, write(tmp_path / "complaints.csv", rows))
    assert "5 cases loaded" in output
    assert "no complaint_id" in output
    assert "100.0%" in output, "the log's own judgement"
    cases = "SELECT id FROM crm_case WHERE name = 'Wrong amount'"
    routed = f"SELECT count(routing_note) FROM crm_case WHERE id IN ({cases})"
    assert query(database, routed) == "5"
    text = query(
        database, f"SELECT DISTINCT description FROM crm_case WHERE id IN ({cases})"
    )
    assert "&lt;b&gt;lost" in text, "text stays text"
    judged = f"SELECT count(*) FROM crm_sla_status WHERE case_id IN ({cases})"
    assert query(database, judged) == "0"

"""More than one machine: heavy reads on a replica, one queue worked off by two hosts.

A server with a streaming replica (``pg_basebackup``, each on a Unix socket of its own)
and two Odoo processes on loopback stand for the machines.
"""

import json
import os
import signal
import socket
import subprocess
import time
from http.cookiejar import CookieJar
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
import small_cluster

import postgres
import template_databases

ROOT = template_databases.ROOT
HOST = "127.0.0.1"
# SCALE_CUSTOMERS=10000 in the environment lets five times as many pass.
CUSTOMERS = int(os.environ.get("SCALE_CUSTOMERS", "2000"))
BATCH = CUSTOMERS // 20
TIMEOUT = 60
# The figures of the management board come from here.
SUMMARY = """
    INSERT INTO crm_customer_summary (month, company_id, buyer_count)
    SELECT date_trunc('month', now()), id, 7 FROM res_company ORDER BY id LIMIT 1
"""
FILL = f"""
    WITH customer AS (
        INSERT INTO res_partner (name, complete_name, active, type, autopost_bills)
        SELECT 'Customer ' || number, 'Customer ' || number, true, 'contact', 'ask'
          FROM generate_series(1, {CUSTOMERS}) number RETURNING id
    )
    INSERT INTO crm_customer_profile (partner_id, company_id)
    SELECT customer.id, company.id FROM customer,
           (SELECT id FROM res_company ORDER BY id LIMIT 1) company;
    UPDATE res_partner SET commercial_partner_id = id
     WHERE commercial_partner_id IS NULL;
"""
SET_UP = """
partners = env["res.partner"].search([("name", "=like", "Customer %")])
tag = env["res.partner.category"].create({"name": "Reached"})
journey = env["crm.journey"].create({"name": "Queue", "trigger": "manual"})
version = env["crm.journey.version"].create({"journey_id": journey.id})
step = env["crm.journey.step"].create(
    {"version_id": version.id, "kind": "tag", "name": "Tag",
     "tag_ids": [(6, 0, tag.ids)]}
)
version.start_step_id = step
journey.action_start()
journey.action_enrol(partners.ids)
env["ir.cron"].search([]).active = False
env.cr.commit()
print("entered", env["crm.journey.participant"].search_count([]), flush=True)
"""
WORK = f"""
env.registry["ir.cron"]._commit_progress = (
    lambda self, processed=0, **_more: (
        self.env.cr.commit(), processed and print("batch", processed, flush=True), 60
    )[-1]
)
env["crm.journey.participant"]._cron_advance({BATCH})
env.cr.commit()
print("done", flush=True)
"""
# Participants, those done, steps, different ones, customers with the tag.
COUNT = """
    SELECT (SELECT count(*) FROM crm_journey_participant),
           (SELECT count(*) FROM crm_journey_participant WHERE state = 'done'),
           (SELECT count(*) FROM crm_journey_trace),
           (SELECT count(DISTINCT participant_id) FROM crm_journey_trace),
           (SELECT count(*) FROM res_partner_res_partner_category_rel rel
              JOIN res_partner_category tag ON tag.id = rel.category_id
             WHERE tag.name->>'en_US' = 'Reached')
"""

pytestmark = pytest.mark.skipif(
    postgres.is_external(), reason="makes servers with the project's own programs"
)


@pytest.fixture
def database():
    name = f"{template_databases.database_prefix()}_scale"
    template_databases.copy(template_databases.suite_template(), name)
    yield name
    template_databases.drop(name)


@pytest.fixture
def primary(database):
    """Start a server with nothing but a copy of the database."""
    server = small_cluster.make_server(database, database)
    yield server
    server.remove()


@pytest.fixture
def replica(primary):
    server = small_cluster.make_replica(primary)
    yield server
    server.remove()


@pytest.fixture
def hosts(database, primary, replica):
    """Start two Odoo servers that share the database; yield a client of each."""
    processes = []
    clients = []
    for _number in range(2):
        port = free_port()
        process = subprocess.Popen(
            [ROOT / "dev" / "odoo", "-d", database, f"--http-port={port}",
             "--max-cron-threads=0", "--log-level=error",
             f"--db_replica_host={replica.folder}"],
            start_new_session=True,
            env=primary.environment(),
        )  # fmt: skip
        processes.append(process)
        clients.append(Client(f"http://{HOST}:{port}", database))
    yield clients
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Client:
    """A browser's session with one of the hosts."""

    def __init__(self, url, database):
        self.url, self.database = url, database
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def post(self, path, **params):
        body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
        request = Request(
            f"{self.url}{path}", body, {"Content-Type": "application/json"}
        )
        answer = json.load(self.opener.open(request, timeout=TIMEOUT))
        assert "error" not in answer, answer
        return answer["result"]

    def log_in(self):
        wait_until(self.is_there)
        self.post(
            "/web/session/authenticate",
            db=self.database,
            login="admin",
            password="admin",
        )

    def is_there(self):
        try:
            return self.opener.open(f"{self.url}/web/health", timeout=TIMEOUT)
        except OSError:
            return False

    def count_customers(self):
        """Return the figure on the tile of the management board."""
        board = self.post(
            "/web/dataset/call_kw",
            model="crm.dashboard",
            method="get_dashboard",
            args=["management"],
            kwargs={},
        )
        [tile] = [tile for tile in board["tiles"] if tile["key"] == "customers"]
        return tile["value"]


def wait_until(is_so):
    end = time.monotonic() + TIMEOUT
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.2)


def query(sql, database):
    return postgres.client_command("psql", "-XAtc", sql, database).strip()


def test_dashboards_read_from_the_replica(database, primary, replica, hosts):
    for host in hosts:
        host.log_in()
    assert [host.count_customers() for host in hosts] == ["0", "0"]
    # What the replica has not got yet is not seen: the figures are read from it.
    replica.query("SELECT pg_wal_replay_pause()", database)
    primary.query(SUMMARY, database)
    assert primary.query("SELECT count(*) FROM crm_customer_summary", database) == "1"
    assert [host.count_customers() for host in hosts] == ["0", "0"]
    replica.query("SELECT pg_wal_replay_resume()", database)
    wait_until(lambda: hosts[0].count_customers() == "7")
    assert hosts[1].count_customers() == "7"


def start(database, program):
    process = subprocess.Popen(
        [ROOT / "dev" / "odoo", "shell", "-d", database, "--log-level=critical"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(program)
    process.stdin.close()
    return process


def test_two_hosts_work_off_one_queue_once(database):
    query(FILL, database)
    process = start(database, SET_UP)
    output = process.stdout.read()
    assert process.wait() == 0
    assert f"entered {CUSTOMERS}" in output
    workers = [start(database, WORK) for _number in range(2)]
    outputs = [worker.stdout.read() for worker in workers]
    assert [worker.wait() for worker in workers] == [0, 0]
    assert query(COUNT, database).split("|") == [str(CUSTOMERS)] * 5
    # Both had a share of it.
    assert all("batch" in output for output in outputs), outputs

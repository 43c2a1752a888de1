"""E-mails that come in while the server is killed: each opens one case, none is lost.

They are handed over as a mail transfer agent does with Odoo's mail gate: what was not
accepted is tried again, so that an e-mail may arrive twice. By default
few are sent, so that it takes less than a minute; ``CRM_MAILS=1000`` sends as many as
the issue asks for.
"""

import os
import signal
import socket
import subprocess
import threading
import time
import xmlrpc.client
from collections import deque
from email.message import EmailMessage

import pytest

import postgres
import template_databases
from demo_loop.odoo_server import HOST, server_command

MAILS = int(os.environ.get("CRM_MAILS", "40"))
SENDERS = 2
START_TIMEOUT = 180
SET_UP = """
domain = env["mail.alias.domain"].create({"name": "killed.example.com"})
env.company.alias_domain_id = domain
env["crm.case.team"].create(
    {"name": "Mail desk", "alias_name": "desk", "alias_domain_id": domain.id}
)
env["ir.cron"].search([]).active = False
admin = env.ref("base.user_admin")
admin.password = "mailgate"
env.cr.commit()
print("ready", admin.id, flush=True)
"""
COUNT = """
    SELECT count(*), count(DISTINCT name), count(DISTINCT number)
      FROM crm_case WHERE name LIKE 'Mail %'
"""


class MailGate:
    """A server that can be killed, and senders who do not give up."""

    def __init__(self, database, user_id, log):
        self.database, self.user_id, self.log = database, user_id, log
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = probe.getsockname()[1]
        self.waiting = deque(range(MAILS))
        self.accepted = 0
        self.refused = 0

    def start(self):
        command = server_command(
            self.database, self.port, "--max-cron-threads=0", "--log-level=critical"
        )
        with self.log.open("ab") as target:
            self.process = subprocess.Popen(
                [*command, f"--http-interface={HOST}"],
                stdout=target,
                stderr=target,
                start_new_session=True,
            )

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def send_all(self):
        """Hand over e-mails until all are accepted."""
        url = f"http://{HOST}:{self.port}/xmlrpc/2/object"
        while True:
            try:
                number = self.waiting.popleft()
            except IndexError:
                return
            try:
                xmlrpc.client.ServerProxy(url).execute_kw(
                    self.database,
                    self.user_id,
                    "mailgate",
                    "mail.thread",
                    "message_process",
                    [False, xmlrpc.client.Binary(write_mail(number))],
                )
                self.accepted += 1
            except (OSError, xmlrpc.client.Error):
                self.refused += 1
                self.waiting.append(number)
                time.sleep(0.2)

    def wait_for(self, accepted):
        end = time.monotonic() + START_TIMEOUT
        while self.accepted < accepted:
            assert time.monotonic() < end, self.log.read_text()[-2000:]
            time.sleep(0.05)


def write_mail(number):
    mail = EmailMessage()
    mail["From"] = f"Customer {number % 50} <c{number % 50}@client.example.com>"
    mail["To"] = "desk@killed.example.com"
    mail["Subject"] = f"Mail {number:04d}"
    mail["Message-Id"] = f"<{number}@client.example.com>"
    mail.set_content("Where is my order?")
    return mail.as_bytes()


@pytest.fixture
def database():
    name = f"{template_databases.database_prefix()}_mailgate"
    template_databases.copy(template_databases.suite_template(), name)
    yield name
    template_databases.drop(name)


def set_up(database):
    done = subprocess.run(
        [
            template_databases.ROOT / "dev" / "odoo",
            "shell",
            "-d",
            database,
            "--log-level=critical",
        ],
        input=SET_UP,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.split()[-1])


def test_no_mail_is_lost_or_doubled_when_the_server_is_killed(database, tmp_path):
    gate = MailGate(database, set_up(database), tmp_path / "server.log")
    gate.start()
    senders = [threading.Thread(target=gate.send_all) for _each in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        for share in (3, 1.5):
            gate.wait_for(MAILS / share)
            gate.kill()
            gate.start()
        gate.wait_for(MAILS)
    finally:
        gate.kill()
        gate.waiting.clear()
        for sender in senders:
            sender.join()
    assert gate.refused, "it was killed while mails came in"
    counts = postgres.client_command("psql", "-XAtc", COUNT, database).strip()
    assert counts == "|".join([str(MAILS)] * 3)

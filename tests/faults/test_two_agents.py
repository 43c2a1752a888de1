"""Agents in two processes take the next case at once: each case goes to one of them."""

import subprocess

import pytest

import postgres
import template_databases

ROOT = template_databases.ROOT
# Few, but both begin at the same moment: so each meets the other at every case.
CASES = 40
SET_UP = f"""
env["crm.routing.rule"].search([]).active = False
users = env["res.users"].create(
    [{{"name": f"Agent {{number}}", "login": f"agent{{number}}",
       "group_ids": [(4, env.ref("crm_feedback.crm_feedback_group_user").id)]}}
     for number in range(2)]
)
team = env["crm.case.team"].create(
    {{"name": "Desk", "assignment": "manual", "member_ids": [(6, 0, users.ids)]}}
)
env["crm.case"].create(
    [{{"name": f"Case {{number}}", "team_id": team.id}} for number in range({CASES})]
)
env.cr.commit()
print("ready", flush=True)
"""
# As a request does: tried again when another agent was just writing.
PULL = """
import os, time
from odoo.exceptions import UserError
from odoo.service.model import retrying
user = env["res.users"].search([("login", "=", "agent%d")])
agent = env(user=user.id)
taken = 0
print("ready", flush=True)
while not os.path.exists("%s"):
    time.sleep(0.01)
while True:
    try:
        retrying(agent["crm.case"].action_next_case, agent)
        env.cr.commit()
    except UserError:
        break
    taken += 1
    print("took", flush=True)
print("done", taken, flush=True)
"""
COUNT = """
    SELECT count(*), count(k.user_id), count(DISTINCT k.user_id)
      FROM crm_case k JOIN crm_case_team t ON t.id = k.team_id
     WHERE t.name ->> 'en_US' = 'Desk' AND k.name LIKE 'Case %'
"""


@pytest.fixture
def database():
    name = f"{template_databases.database_prefix()}_agents"
    template_databases.copy(template_databases.suite_template(), name)
    yield name
    template_databases.drop(name)


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


def read(process):
    output = process.stdout.read()
    assert process.wait() == 0, output
    return output.split()


def test_no_case_goes_to_two_agents(database, tmp_path):
    assert read(start(database, SET_UP))[-1] == "ready"
    sign = tmp_path / "begin"
    agents = [start(database, PULL % (number, sign)) for number in range(2)]
    for agent in agents:
        while "ready" not in agent.stdout.readline():
            assert agent.poll() is None, "it ended before it began"
    sign.touch()
    taken = [int(read(agent)[-1]) for agent in agents]
    assert sum(taken) == CASES, "each was taken once"
    assert min(taken) > 0, "both were at work"
    output = postgres.client_command("psql", "-XAtc", COUNT, database)
    assert output.strip() == f"{CASES}|{CASES}|2"

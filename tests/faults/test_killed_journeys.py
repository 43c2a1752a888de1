"""Two workers share the journeys' queue and are killed: every step once for everybody.

One run per order: 1,000 orders of 800 customers, a mail and an activity for each.
"""

import os
import signal
import subprocess

import pytest

import postgres
import template_databases

ROOT = template_databases.ROOT
CUSTOMERS, ORDERS = 800, 1_000
BATCH = 50
SET_UP = f"""
partners = env["res.partner"].create(
    [{{"name": f"Customer {{number}}", "email": f"c{{number}}@example.com"}}
     for number in range({CUSTOMERS})]
)
env["crm.contact.policy"].search([]).active = False
env["crm.consent"]._record(partners, "marketing", "email", True, "Counter", "Offers")
product = env["product.product"].create({{"name": "Widget", "type": "consu"}})
confirmed = env.ref("crm_lifecycle.crm_customer_event_type_order_confirmed")
journey = env["crm.journey"].create(
    {{"name": "Thanks", "event_type_id": confirmed.id, "keyed_by": "document"}}
)
version = env["crm.journey.version"].create({{"journey_id": journey.id}})
mailing = env["mailing.mailing"].create(
    {{"subject": "Order {{{{ object.name }}}}", "mailing_type": "mail",
      "body_html": "<p>Thanks</p>", "is_journey_message": True,
      "mailing_model_id": env["ir.model"]._get_id("sale.order")}}
)
mail, call = env["crm.journey.step"].create(
    [{{"version_id": version.id, "name": "Mail", "kind": "message",
       "mailing_id": mailing.id}},
     {{"version_id": version.id, "name": "Call", "kind": "activity",
       "summary": "Call about the order", "assign_to": "responsible"}}]
)
mail.action_connect("next", call.id)
version.start_step_id = mail
journey.action_start()
orders = env["sale.order"].create(
    [{{"partner_id": partners[number % {CUSTOMERS}].id,
       "order_line": [(0, 0, {{"product_id": product.id, "price_unit": 10}})]}}
     for number in range({ORDERS})]
)
orders.action_confirm()
while env["crm.customer.profile"]._refresh():
    pass
env.cr.commit()
env["crm.journey"]._enrol_all()
env["ir.cron"].search([]).active = False
env.cr.commit()
print("entered", env["crm.journey.participant"].search_count([]), flush=True)
"""
WORK = f"""
from odoo.addons.crm_lifecycle.models import crm_journey_run as run
participants = env["crm.journey.participant"]
def commit(processed=0, **kwargs):
    env.cr.commit()
    if processed:
        print("batch", processed, flush=True)
    return 60
env.registry["ir.cron"]._commit_progress = lambda self, *a, **k: commit(*a, **k)
participants._cron_advance({BATCH})
env.cr.commit()
print("done", flush=True)
"""
# Of the runs: all, finished; steps done, different ones; mails and activities, and how
# many orders they are for.
COUNT = """
    SELECT (SELECT count(*) FROM crm_journey_participant),
           (SELECT count(*) FROM crm_journey_participant WHERE state = 'done'),
           (SELECT count(*) FROM crm_journey_trace),
           (SELECT count(*) FROM mailing_trace WHERE trace_status = 'outgoing'),
           (SELECT count(DISTINCT res_id) FROM mailing_trace),
           (SELECT count(*) FROM mail_mail
              JOIN mail_message message ON message.id = mail_message_id
             WHERE message.subject LIKE 'Order %'),
           (SELECT count(*) FROM mail_activity WHERE summary = 'Call about the order'),
           (SELECT count(DISTINCT res_id) FROM mail_activity
             WHERE summary = 'Call about the order')
"""


@pytest.fixture
def database():
    name = f"{template_databases.database_prefix()}_journeys"
    template_databases.copy(template_databases.suite_template(), name)
    yield name
    template_databases.drop(name)


def start(database, program):
    process = subprocess.Popen(
        [ROOT / "dev" / "odoo", "shell", "-d", database, "--log-level=critical"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process.stdin.write(program)
    process.stdin.close()
    return process


def kill_after(process, batches):
    """Kill a worker in the middle of the batch that follows so many."""
    for line in process.stdout:
        batches -= line.count("batch")
        if batches <= 0:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_every_step_once_with_two_workers_that_are_killed(database):
    process = start(database, SET_UP)
    output = process.stdout.read()
    assert process.wait() == 0
    assert f"entered {ORDERS}" in output
    workers = [start(database, WORK) for _number in range(2)]
    kill_after(workers[0], 3)
    kill_after(workers[1], 2)
    workers = [start(database, WORK) for _number in range(2)]
    outputs = [worker.stdout.read() for worker in workers]
    assert [worker.wait() for worker in workers] == [0, 0]
    assert all("done" in output for output in outputs)
    counts = postgres.client_command("psql", "-XAtc", COUNT, database).strip()
    assert counts.split("|") == [
        str(number) for number in (ORDERS, ORDERS, 2 * ORDERS, *[ORDERS] * 5)
    ]
    # Both had a share of the queue.
    assert all("batch" in output for output in outputs)

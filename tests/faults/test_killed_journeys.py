"""Two workers share the journeys' queue and are killed: every step once for everybody.

Delivered, wait seven days, ask how it was, unless there is a complaint about the order:
five orders of four customers each, and a complaint about every twentieth. A dry run
tells before what comes.
"""

import os
import signal
import subprocess

import pytest

import postgres
import template_databases

ROOT = template_databases.ROOT
# A quarter of what features.md asks for, so that it takes less than a minute; with
# FAULT_ORDERS=1000 in the environment it is all of it.
ORDERS = int(os.environ.get("FAULT_ORDERS", "250"))
CUSTOMERS, COMPLAINTS = ORDERS * 4 // 5, ORDERS // 20
ASKED = ORDERS - COMPLAINTS
BATCH = max(ORDERS // 20, 1)
SET_UP = f"""
env = env(context={{"tracking_disable": True, "mail_create_nosubscribe": True,
                    "mail_notrack": True, "mail_auto_subscribe_no_notify": True}})
env["crm.contact.policy"].search([]).active = False
env["crm.journey"].search([]).state = "ended"
env["ir.cron"].search([]).active = False
partners = env["res.partner"].create(
    [{{"name": f"Customer {{number}}", "email": f"c{{number}}@example.com"}}
     for number in range({CUSTOMERS})]
)
product = env["product.product"].create({{"name": "Widget", "type": "consu"}})
journey = env["crm.journey"].create(
    {{"name": "How was it?", "keyed_by": "document",
      "event_type_id": env.ref(
          "crm_lifecycle_stock.crm_customer_event_type_delivery_done").id,
      "key_field_id": env["ir.model.fields"]._get("stock.picking", "sale_id").id,
      "exit_type_ids": [(4, env.ref(
          "crm_feedback.crm_customer_event_type_case_opened").id)]}}
)
version = env["crm.journey.version"].create({{"journey_id": journey.id}})
mailing = env["mailing.mailing"].create(
    {{"subject": "How was {{{{ object.name }}}}?", "mailing_type": "mail",
      "body_html": "<p>Thanks</p>", "is_journey_message": True,
      "consent_purpose_id": env.ref("crm_lifecycle.crm_consent_purpose_service").id,
      "mailing_model_id": env["ir.model"]._get_id("sale.order")}}
)
wait, mail, call = env["crm.journey.step"].create(
    [{{"version_id": version.id, "name": "A week", "kind": "wait",
       "wait_number": 7, "wait_unit": "days"}},
     {{"version_id": version.id, "name": "Ask", "kind": "message",
       "mailing_id": mailing.id}},
     {{"version_id": version.id, "name": "Call", "kind": "activity",
       "summary": "Call about the order", "assign_to": "responsible"}}]
)
wait.action_connect("next", mail.id)
mail.action_connect("next", call.id)
version.start_step_id = wait
journey.action_start()
orders = env["sale.order"].create(
    [{{"partner_id": partners[number % {CUSTOMERS}].id,
       "order_line": [(0, 0, {{"product_id": product.id, "price_unit": 10}})]}}
     for number in range({ORDERS})]
)
orders.action_confirm()
pickings = orders.picking_ids
for move in pickings.move_ids:
    move.quantity = move.product_uom_qty
pickings.move_ids.picked = True
pickings._action_done()
while env["crm.customer.profile"]._refresh():
    pass
env.cr.commit()
env["crm.journey"]._enrol_all()
participants = env["crm.journey.participant"]
while participants._advance_batch():
    pass
env["crm.case"].create(
    [{{"name": "Broken", "case_type": "complaint", "partner_id": order.partner_id.id,
       "sale_order_id": order.id}} for order in orders[:{COMPLAINTS}]]
)
env.cr.commit()
print("entered", participants.search_count([]), flush=True)

# The same events a month ago: what would have come of them?
env.flush_all()
env.cr.execute(
    "UPDATE crm_customer_event SET date = date - CASE type_id WHEN %s "
    "THEN interval '30 days' ELSE interval '28 days' END",
    [journey.event_type_id.id])
env.invalidate_all()
run = env["crm.journey.dry.run"].create({{"journey_id": journey.id}})
run.action_run()
print("predicted", run.entered_count, run.sent_count, flush=True)
env.cr.rollback()

# A week passes.
env.cr.execute(
    "UPDATE crm_journey_participant SET due_date = due_date - interval '8 days'")
env.cr.commit()
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
# Of the runs: all, finished, left by a complaint; steps done; mails and activities, and
# how many orders they are for.
COUNT = """
    SELECT (SELECT count(*) FROM crm_journey_participant),
           (SELECT count(*) FROM crm_journey_participant WHERE state = 'done'),
           (SELECT count(*) FROM crm_journey_participant WHERE state = 'exited'),
           (SELECT count(*) FROM crm_journey_trace),
           (SELECT count(*) FROM mailing_trace WHERE trace_status = 'outgoing'),
           (SELECT count(DISTINCT res_id) FROM mailing_trace),
           (SELECT count(*) FROM mail_mail
              JOIN mail_message message ON message.id = mail_message_id
             WHERE message.subject LIKE 'How was %'),
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
    assert f"predicted {ORDERS} {ASKED}" in output
    workers = [start(database, WORK) for _number in range(2)]
    kill_after(workers[0], 3)
    kill_after(workers[1], 2)
    workers = [start(database, WORK) for _number in range(2)]
    outputs = [worker.stdout.read() for worker in workers]
    assert [worker.wait() for worker in workers] == [0, 0]
    assert all("done" in output for output in outputs)
    counts = postgres.client_command("psql", "-XAtc", COUNT, database).strip()
    # Waited (all but who complained), asked and called about.
    expected = (ORDERS, ASKED, COMPLAINTS, 3 * ASKED, *[ASKED] * 5)
    assert counts.split("|") == [str(number) for number in expected]
    # Both had a share of the queue.
    assert all("batch" in output for output in outputs)

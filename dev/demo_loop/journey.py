"""A journey that thanks customers for their orders, and one of the gallery."""

from .stage import expect

JOURNEY = "Thank the buyers"
SUBJECT = "Thank you for your order"
BODY = """
<p>Hello <t t-out="object.name"/>,</p>
<p>thank you for your order. We will let you know as soon as it leaves our house.</p>
"""


def start_journeys(demo):
    """Start a journey of the gallery and one that is drawn step by step."""
    client = demo.client
    if not client.count("crm.journey", [("name", "=", "Abandoned quotation")]):
        template = client.reference("crm_lifecycle.crm_journey_template_quotation")
        client.call("crm.journey.template", "action_use", [template])
        journeys = client.search("crm.journey", [("name", "=", "Abandoned quotation")])
        client.call("crm.journey", "action_start", journeys)
    journeys = client.search("crm.journey", [("name", "=", JOURNEY)])
    if not journeys:
        journeys = [draw_journey(client)]
    [values] = client.read("crm.journey", journeys, "state")
    if values["state"] == "draft":
        client.call("crm.journey", "action_start", journeys)
    running = client.count("crm.journey", [("state", "=", "running")])
    expect(running >= 2, "The journeys do not run.")
    return {"journey": journeys[0]}


def draw_journey(client):
    """Draw: order confirmed, thank, wait two weeks, ask how it is going."""
    ordered = client.reference("crm_lifecycle.crm_customer_event_type_order_confirmed")
    journey = client.create(
        "crm.journey",
        {"name": JOURNEY, "event_type_id": ordered, "reentry": "after_end"},
    )
    version = client.create("crm.journey.version", {"journey_id": journey})
    steps = [
        client.create(
            "crm.journey.step", {"version_id": version, "x": 300, "y": y, **step}
        )
        for y, step in (
            (
                0,
                {
                    "name": "Thank you",
                    "kind": "message",
                    "mailing_id": write_message(client),
                },
            ),
            (160, {"name": "Two weeks", "kind": "wait", "wait_number": 14}),
            (
                320,
                {
                    "name": "Ask how it is going",
                    "kind": "activity",
                    "summary": "Ask how the customer likes what he bought",
                },
            ),
        )
    ]
    for step, outcome, target in (
        (steps[0], "next", steps[1]),
        (steps[0], "not_sent", steps[1]),
        (steps[1], "next", steps[2]),
    ):
        client.call("crm.journey.step", "action_connect", [step], outcome, target)
    client.write("crm.journey.version", [version], {"start_step_id": steps[0]})
    return journey


def write_message(client):
    [model] = client.search("ir.model", [("model", "=", "res.partner")])
    return client.create(
        "mailing.mailing",
        {
            "subject": SUBJECT,
            "mailing_model_id": model,
            "is_journey_message": True,
            "consent_purpose_id": client.reference(
                "crm_lifecycle.crm_consent_purpose_service"
            ),
            "body_arch": BODY,
            "body_html": BODY,
        },
    )


def follow_order(demo):
    """Let the journeys move on; the buyer gets his thanks."""
    client = demo.client
    client.run_scheduled_action("crm_lifecycle.ir_cron_sweep_events")
    client.run_scheduled_action("crm_lifecycle.ir_cron_advance_journeys")
    client.run_scheduled_action("mail.ir_cron_mail_scheduler_action")
    runs = client.call(
        "crm.journey.participant",
        "search_read",
        [
            ("journey_id", "=", demo.fact("journey")),
            ("partner_id", "=", demo.fact("customer")),
        ],
        ["step_id", "state"],
    )
    expect(runs, "The buyer did not enter the journey.")
    thanks = [
        message
        for message in demo.catcher.messages_to(demo.fact("email"))
        if message["Subject"] == SUBJECT
    ]
    expect(len(thanks) == 1, f"The buyer got {len(thanks)} messages of thanks.")
    return {"journey_step": runs[0]["step_id"][1]}

"""A campaign to a segment, from the budget to the lead that it brings."""

import time
from datetime import date, timedelta

from mail_reader import MailReader
from transactions.payment_behaviour import draw

from .loyalty import nearest_to_next_tier
from .stage import expect

# Shares of the customers who said yes and no to news by e-mail; the rest was not asked.
YES_SHARE, NO_SHARE = 0.6, 0.1
CAMPAIGN = "New catalogue"
BUDGET = 1500.0
# Description, kind, planned and actual amount.
COSTS = (
    ("Photographs", "creation", 600.0, 640.0),
    ("Dispatch", "postage", 150.0, 130.0),
)
CONTROL_SHARE = 10
# Seconds until a click is judged, and a little more.
SCANNER_WAIT = 17
LINK_TEXT = "Show me the catalogue"
MAILING = """
<div style="font-family: sans-serif">
  <h1>Our new catalogue</h1>
  <p>Dear customer, it has just come out. Tell us what you need, and we will make
  you an offer.</p>
  <p><a href="{link}">{text}</a></p>
</div>
"""


def record_consents(demo):
    """Enter who allowed marketing by e-mail, drawn by hash: no log says so."""
    client = demo.client
    purpose = client.reference("crm_lifecycle.crm_consent_purpose_marketing")
    customers = client.call(
        "res.partner",
        "search_read",
        [("customer_rank", ">", 0), ("crm_consent_ids", "=", False)],
        ["ref"],
    )
    decisions = []
    for customer in customers:
        position = draw("consent", customer["ref"] or str(customer["id"]))
        if position < YES_SHARE + NO_SHARE:
            decisions.append((customer["id"], position < YES_SHARE))
    client.call(
        "crm.consent",
        "create",
        [
            {
                "partner_id": partner,
                "purpose_id": purpose,
                "channel": "email",
                "granted": granted,
                "source": "Newsletter list of the shop (invented for the demo)",
            }
            for partner, granted in decisions
        ],
    )
    return {"consents": len(decisions)}


def send_mailing(demo):
    """Plan a campaign with budget and audience, and send its mailing."""
    client = demo.client
    campaign = create_campaign(client)
    mailing = create_mailing(client, campaign)
    [values] = client.read("mailing.mailing", [mailing], "state")
    if values["state"] == "draft":
        client.call("mailing.mailing", "action_launch", [mailing])
    client.run_scheduled_action("mass_mailing.ir_cron_mass_mailing_queue")
    client.run_scheduled_action("mail.ir_cron_mail_scheduler_action")
    sent = client.call(
        "mailing.trace",
        "search_read",
        [("mass_mailing_id", "=", mailing), ("trace_status", "in", ("sent", "open"))],
        ["email", "res_id"],
    )
    expect(sent, "The mailing reached nobody.")
    caught = [trace for trace in sent if demo.catcher.messages_to(trace["email"])]
    expect(
        len(caught) == len(sent),
        f"{len(sent)} messages were sent, but {len(caught)} of them caught.",
    )
    check_consent(client, [trace["res_id"] for trace in sent])
    return {"campaign": campaign, "mailing": mailing, "sent": len(sent)}


def create_campaign(client):
    today = date.today()
    return client.find_or_create(
        "utm.campaign",
        [("title", "=", CAMPAIGN)],
        {
            "title": CAMPAIGN,
            "objective": "cross_sell",
            "date_start": today.isoformat(),
            "date_end": (today + timedelta(days=30)).isoformat(),
            "budget": BUDGET,
            "control_share": CONTROL_SHARE,
            "segment_ids": [
                (4, client.reference("crm_analytics.crm_segment_champions"))
            ],
            "cost_ids": [
                (
                    0,
                    0,
                    {"name": name, "kind": kind, "planned": planned, "actual": actual},
                )
                for name, kind, planned, actual in COSTS
            ],
            "response_title": "Our new catalogue",
            "response_intro": "Tell us what you need: we will make you an offer.",
        },
    )


def create_mailing(client, campaign):
    [values] = client.read("utm.campaign", [campaign], "response_url")
    body = MAILING.format(link=values["response_url"], text=LINK_TEXT)
    [model] = client.search("ir.model", [("model", "=", "res.partner")])
    return client.find_or_create(
        "mailing.mailing",
        [("campaign_id", "=", campaign)],
        {
            "subject": "Our new catalogue",
            "campaign_id": campaign,
            "mailing_model_id": model,
            "body_arch": body,
            "body_html": body,
        },
    )


def check_consent(client, recipients):
    """Make sure that who got the mailing had said yes."""
    allowed = client.count(
        "crm.consent",
        [
            ("partner_id", "in", recipients),
            ("purpose_id.code", "=", "marketing"),
            ("channel", "=", "email"),
            ("granted", "=", True),
        ],
    )
    expect(
        allowed == len(set(recipients)),
        f"{len(recipients) - allowed} recipients had not allowed the mailing.",
    )


def answer_mailing(demo):
    """Read the mailing as one of its recipients, click, and fill in the page."""
    client, campaign = demo.client, demo.fact("campaign")
    if not client.count("crm.lead", [("campaign_id", "=", campaign)]):
        address = choose_reader(demo)
        read_and_answer(demo.catcher.messages_to(address)[-1], address)
        # A click counts once it is clear that no mail scanner followed all links.
        time.sleep(SCANNER_WAIT)
        client.run_scheduled_action("crm_lifecycle.ir_cron_judge_clicks")
    lead, customer = check_lead(client, campaign)
    [values] = client.read("res.partner", [customer], "email")
    return {"customer": customer, "email": values["email"], "lead": lead}


def choose_reader(demo):
    """Return the address of the recipient who is nearest to the next tier."""
    traces = demo.client.call(
        "mailing.trace",
        "search_read",
        [
            ("mass_mailing_id", "=", demo.fact("mailing")),
            ("sent_datetime", "!=", False),
        ],
        ["email", "res_id"],
    )
    address_of = {trace["res_id"]: trace["email"] for trace in traces}
    customer, _points = nearest_to_next_tier(demo, list(address_of))
    return address_of[customer]


def read_and_answer(message, address):
    reader = MailReader()
    reader.open_message(message)
    page = reader.follow_link(message, LINK_TEXT)
    answer = {
        "name": "Alex Buyer",
        "email": address,
        "message": "Please make me an offer for what I usually buy, but more of it.",
    }
    page = reader.submit(page, "//form[contains(@action, '/campaign/respond')]", answer)
    expect("Thank you" in page.text_content(), "The response page said no thanks.")


def check_lead(client, campaign):
    """Return the lead of the campaign, scored and routed, and its customer."""
    leads = client.call(
        "crm.lead",
        "search_read",
        [("campaign_id", "=", campaign)],
        ["partner_id", "lead_grade", "user_id", "territory_id"],
    )
    expect(leads, "The answer made no lead with the campaign.")
    for name, meaning in (
        ("partner_id", "customer"),
        ("lead_grade", "grade: it was not scored"),
        ("user_id", "salesperson: it was not routed"),
        ("territory_id", "territory"),
    ):
        expect(leads[0][name], f"The lead has no {meaning}.")
    return leads[0]["id"], leads[0]["partner_id"][0]

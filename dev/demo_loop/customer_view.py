"""What the product shows in the end: the 360 view of one customer, the dashboard."""

from .stage import expect

# What happened to the customer in this loop, by the codes of the event types.
HAPPENED = {
    "order_confirmed",
    "mailing_sent",
    "mailing_opened",
    "mailing_clicked",
    "lead_created",
    "lead_won",
    "points_awarded",
    "tier_reached",
    "case_opened",
    "case_solved",
    "survey_answered",
    "detractor_answer",
}


def check_views(demo):
    """Let the jobs take in what happened; see that it is shown."""
    client = demo.client
    for name in ("sweep_events", "refresh_profiles", "refresh_segments"):
        client.run_scheduled_action(f"crm_lifecycle.ir_cron_{name}")
    [profile] = client.search(
        "crm.customer.profile", [("partner_id", "=", demo.fact("customer"))]
    )
    check_events(client, demo.fact("customer"))
    view = client.call("crm.customer.profile", "get_customer_360", profile)
    expect(view["timeline"]["events"], "The timeline of the customer is empty.")
    dashboard = client.call("crm.dashboard", "get_dashboard")
    expect(dashboard["tiles"] and dashboard["charts"], "The dashboard is empty.")
    tiles = [[tile["label"], tile["value"]] for tile in view["tiles"]]
    return {"profile": profile, "tiles": tiles}


def check_events(client, customer):
    events = client.call(
        "crm.customer.event",
        "search_read",
        [("partner_id", "=", customer)],
        ["type_id"],
    )
    types = client.read(
        "crm.customer.event.type", list({e["type_id"][0] for e in events}), "code"
    )
    missing = HAPPENED - {event_type["code"] for event_type in types}
    expect(not missing, f"The customer has no event of {', '.join(sorted(missing))}.")

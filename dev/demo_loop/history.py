"""From the documents of the back office to events, profiles and segments."""

from .stage import expect


def capture_history(demo):
    """Read the events of the past from the documents."""
    client = demo.client
    client.run_scheduled_action("crm_lifecycle.ir_cron_backfill_events")
    waiting = client.count(
        "crm.customer.event.type",
        [("backfill_done", "=", False), ("suspended_reason", "=", False)],
    )
    expect(not waiting, f"{waiting} event types have not read their history.")
    suspended = client.call(
        "crm.customer.event.type",
        "search_read",
        [("suspended_reason", "!=", False)],
        ["code", "suspended_reason"],
    )
    expect(not suspended, f"Event types are suspended: {suspended}.")
    return {"events": client.count("crm.customer.event")}


def refresh_profiles(demo):
    """Compute the profiles of all customers."""
    client = demo.client
    client.run_scheduled_action("crm_lifecycle.ir_cron_refresh_all_profiles")
    client.run_scheduled_action("crm_lifecycle.ir_cron_refresh_profiles")
    profiles = client.count("crm.customer.profile", [("order_count", ">", 0)])
    customers = client.count("res.partner", [("customer_rank", ">", 0)])
    expect(profiles, "No profile has an order.")
    return {"profiles": profiles, "customers": customers}


def refresh_segments(demo):
    """Find the members of the segments."""
    client = demo.client
    client.run_scheduled_action("crm_lifecycle.ir_cron_refresh_segments")
    broken = client.call(
        "crm.segment",
        "search_read",
        [("refresh_error", "!=", False)],
        ["name", "refresh_error"],
    )
    expect(not broken, f"Segments cannot be found: {broken}.")
    members = client.count("crm.segment.member", [("date_left", "=", False)])
    expect(members, "No segment has a member.")
    return {"members": members}

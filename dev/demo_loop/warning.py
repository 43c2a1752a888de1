"""Who is leaving: a list with reasons and owners, and its proof on the past."""

from .stage import expect

WARNING = "crm_loyalty.crm_churn_warning_leaving"
# A hold-out of a third lets the replay compare groups of a size.
REPLAY_HOLDOUT = 33


def watch_customers(demo):
    """Replay the last quarter from the facts, then switch the warning on."""
    client = demo.client
    warning = client.reference(WARNING)
    [values] = client.read("crm.churn.warning", [warning], "state", "holdout_share")
    if not client.count("crm.churn.warning", [("state", "=", "replay")]):
        client.write("crm.churn.warning", [warning], {"holdout_share": REPLAY_HOLDOUT})
        client.call("crm.churn.warning", "action_replay", [warning])
        client.write("crm.churn.warning", [warning], {"holdout_share": 10})
    if values["state"] == "draft":
        client.call("crm.churn.warning", "action_start", [warning])
    client.call("crm.churn.warning", "action_watch_now", [warning])
    alerts = client.count("crm.churn.alert", [("warning_id", "=", warning)])
    expect(alerts, "The warning found nobody who is leaving.")
    [replay] = client.call(
        "crm.churn.warning",
        "search_read",
        [("state", "=", "replay")],
        ["replay_note", "verdict"],
        limit=1,
    )
    expect(replay["verdict"] != "too_few", "The replay has too few customers.")
    return {"warning": warning, "alerts": alerts, "replay": replay["replay_note"]}

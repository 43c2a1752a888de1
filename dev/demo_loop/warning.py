"""Who is leaving: a list with reasons and owners, and its proof on the past."""

from .stage import expect

WARNING = "crm_loyalty.crm_churn_warning_leaving"
# The sample has few customers with a rhythm: only low thresholds give two groups of a
# size that can be compared.
REPLAYED = {"holdout_share": 50, "min_score": 1, "horizon_days": 60}
THRESHOLDS = {"rhythm": 1.1, "basket": 5, "price": 2, "payment": 3}


def watch_customers(demo):
    """Replay two months from the facts, then switch the warning on."""
    client = demo.client
    warning = client.reference(WARNING)
    if not client.count("crm.churn.warning", [("state", "=", "replay")]):
        replay_past(client, warning)
    [values] = client.read("crm.churn.warning", [warning], "state")
    if values["state"] == "draft":
        client.call("crm.churn.warning", "action_start", [warning])
    client.call("crm.churn.warning", "action_watch_now", [warning])
    alerts = client.count("crm.churn.alert", [("warning_id", "=", warning)])
    expect(alerts, "The warning found nobody who is leaving.")
    [replay] = client.search("crm.churn.warning", [("state", "=", "replay")], limit=1)
    [values] = client.read("crm.churn.warning", [replay], "replay_note")
    return {"warning": warning, "alerts": alerts, "replay": values["replay_note"]}


def replay_past(client, warning):
    """Press "Replay the Past" on a warning with low thresholds."""
    name = "Nobody contacted, low thresholds"
    [low] = client.call(
        "crm.churn.warning", "copy", [warning], {**REPLAYED, "name": name}
    )
    for kind, threshold in THRESHOLDS.items():
        signals = client.search(
            "crm.churn.warning.signal", [("warning_id", "=", low), ("kind", "=", kind)]
        )
        client.write("crm.churn.warning.signal", signals, {"threshold": threshold})
    client.call("crm.churn.warning", "action_replay", [low])
    client.call("crm.churn.warning", "unlink", [low])

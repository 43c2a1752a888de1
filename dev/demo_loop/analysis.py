"""Value, churn, next order and recommended products of all customers."""

from .stage import expect

# The sample spans a year: to learn from what happened, churn needs two periods and what
# came before them, so its period is a quarter.
ANALYSES = (
    ("rfm", 12),
    ("clv", 12),
    ("churn", 3),
    ("next_order", 3),
    ("recommendation", 3),
    ("affinity", 12),
    ("retention", 12),
)


def run_analyses(demo):
    """Press "Run" on one analysis of each kind, and write down the KPIs."""
    client = demo.client
    labels = dict(
        client.call("crm.analytics.run", "fields_get", ["kind"])["kind"]["selection"]
    )
    results, run_by_kind = [], {}
    for kind, months in ANALYSES:
        run = client.find_or_create(
            "crm.analytics.run",
            [("kind", "=", kind), ("state", "!=", "failed")],
            {"kind": kind, "horizon_months": months},
        )
        client.call("crm.analytics.run", "action_run", [run])
        [values] = client.read("crm.analytics.run", [run], "state", "method", "summary")
        expect(values["state"] == "done", f"{labels[kind]}: {values['summary']}")
        run_by_kind[kind] = run
        results.append([labels[kind], f"{values['method']}. {values['summary']}"])
    client.run_scheduled_action("crm_analytics.ir_cron_snapshot_kpis")
    check_columns(client)
    return {"analyses": results, "churn_run": run_by_kind["churn"]}


def check_columns(client):
    """Make sure that the results stand on the profiles of those who bought."""
    bought = client.count("crm.customer.profile", [("order_count", ">", 0)])
    for name in ("rfm_segment", "churn_risk"):
        filled = client.count(
            "crm.customer.profile", [("order_count", ">", 0), (name, "!=", False)]
        )
        expect(filled == bought, f"{bought - filled} profiles have no {name}.")
    expect(
        client.count("crm.customer.profile", [("clv", ">", 0)]),
        "No profile has a lifetime value.",
    )

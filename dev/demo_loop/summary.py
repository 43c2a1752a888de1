"""What the demo has done, in figures."""

FIGURES = (
    ("Customers", "res.partner", [("customer_rank", ">", 0)]),
    ("Orders", "sale.order", [("state", "=", "sale")]),
    ("Invoices", "account.move", [("move_type", "=", "out_invoice")]),
    ("Credit notes", "account.move", [("move_type", "=", "out_refund")]),
    ("Payments", "account.payment", []),
    ("Customer events", "crm.customer.event", []),
    ("Profiles", "crm.customer.profile", []),
    ("At high risk of churn", "crm.customer.profile", [("churn_risk", "=", "high")]),
    ("Segments", "crm.segment", []),
    ("Members of segments", "crm.segment.member", [("date_left", "=", False)]),
    ("Consents given", "crm.consent", [("granted", "=", True)]),
    (
        "Messages of the mailing sent",
        "mailing.trace",
        [("trace_status", "in", ("sent", "open", "reply"))],
    ),
    ("Clicks", "link.tracker.click", []),
    ("Leads of the campaign", "crm.lead", [("campaign_id", "!=", False)]),
    ("On a journey", "crm.journey.participant", [("state", "=", "active")]),
    ("Complaints", "crm.case", [("case_type", "=", "complaint")]),
    ("Answers of customers", "crm.feedback", []),
    ("Follow-ups", "crm.case", [("feedback_id", "!=", False)]),
    ("Loyalty cards", "loyalty.card", []),
    ("Bookings of points", "loyalty.points.entry", []),
    ("Customers with a tier", "loyalty.card", [("tier_id", "!=", False)]),
    ("Customers to keep", "crm.churn.alert", [("is_replay", "=", False)]),
)


def print_summary(demo, stages):
    """Print counts and the time of each stage."""
    rows = [
        (label, f"{demo.client.count(model, domain):,}")
        for label, model, domain in FIGURES
    ]
    print_table("In the database", rows)
    print_text("Analyses", demo.facts["analyses"])
    print_text("Early warning", [("Replay of a quarter", demo.facts["replay"])])
    print_text("One customer's way", story(demo) + demo.facts["tiles"])
    titles = [("install", "Create the database")]
    titles += [(stage.name, stage.title) for stage in stages]
    times = [(title, f"{demo.seconds[name]:,.1f} s") for name, title in titles]
    times.append(("Total", f"{sum(demo.seconds.values()):,.1f} s"))
    print_table("Time of each stage", times)


def story(demo):
    """Return what happened to the customer whom the loop is about."""
    [customer] = demo.client.read(
        "res.partner", [demo.fact("customer")], "display_name"
    )
    [order] = demo.client.read(
        "sale.order", [demo.fact("order")], "name", "amount_total", "currency_id"
    )
    [case] = demo.client.read(
        "crm.case", [demo.fact("case")], "display_name", "sla_state"
    )
    [feedback] = demo.client.read("crm.feedback", [demo.fact("feedback")], "score")
    amount = f"{order['amount_total']:,.2f} {order['currency_id'][1]}"
    return [
        ("Customer", customer["display_name"]),
        ("Order", f"{order['name']}, {amount}"),
        ("Points and tier", f"{demo.fact('order_points'):,.0f}, {demo.fact('tier')}"),
        ("Journey", f"now at the step '{demo.fact('journey_step')}'"),
        ("Case", f"{case['display_name']}, service level {case['sla_state']}"),
        ("Recommendation", f"{feedback['score']:.0f} of 10, follow-up opened"),
    ]


def print_text(title, rows):
    width = max(len(label) for label, _text in rows)
    print(f"\n{title}\n{'-' * (width + 14)}")
    for label, text in rows:
        print(f"{label:<{width}}  {text}")


def print_table(title, rows):
    width = max(len(label) for label, _value in rows)
    print(f"\n{title}\n{'-' * (width + 14)}")
    for label, value in rows:
        print(f"{label:<{width}}  {value:>12}")

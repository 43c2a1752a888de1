"""What the demo has done, in figures."""

FIGURES = (
    ("Customers", "res.partner", [("customer_rank", ">", 0)]),
    ("Orders", "sale.order", [("state", "=", "sale")]),
    ("Invoices", "account.move", [("move_type", "=", "out_invoice")]),
    ("Credit notes", "account.move", [("move_type", "=", "out_refund")]),
    ("Payments", "account.payment", []),
    ("Customer events", "crm.customer.event", []),
    ("Profiles", "crm.customer.profile", []),
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
    ("Complaints", "crm.case", [("case_type", "=", "complaint")]),
    ("Answers of customers", "crm.feedback", []),
    ("Follow-ups", "crm.case", [("feedback_id", "!=", False)]),
    ("Loyalty cards", "loyalty.card", []),
    ("Bookings of points", "loyalty.points.entry", []),
    ("Customers with a tier", "loyalty.card", [("tier_id", "!=", False)]),
)


def print_summary(demo, stages):
    """Print counts and the time of each stage."""
    rows = [
        (label, f"{demo.client.count(model, domain):,}")
        for label, model, domain in FIGURES
    ]
    rows += demo.facts.get("figures", [])
    print_table("In the database", rows)
    titles = [("install", "Create the database")]
    titles += [(stage.name, stage.title) for stage in stages]
    times = [(title, f"{demo.seconds[name]:,.1f} s") for name, title in titles]
    times.append(("Total", f"{sum(demo.seconds.values()):,.1f} s"))
    print_table("Time of each stage", times)


def print_table(title, rows):
    width = max(len(label) for label, _value in rows)
    print(f"\n{title}\n{'-' * (width + 14)}")
    for label, value in rows:
        print(f"{label:<{width}}  {value:>12}")

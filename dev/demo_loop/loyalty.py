"""Points for what customers bought, and the tier that the order of the loop crosses."""

from datetime import date, timedelta

from .stage import expect

# The sample holds a few lines of each invoice, so its customers spend less than those
# for whom the set-up proposes its thresholds.
TIERS = (("Bronze", 0), ("Silver", 400), ("Gold", 1500))
YEARS_BACK = 2


def open_program(demo):
    """Set up a loyalty program with tiers; what was bought so far earns points too."""
    client = demo.client
    if not client.count("loyalty.tier"):
        set_up_program(client)
    [program] = {
        row["program_id"][0]
        for row in client.call("loyalty.tier", "search_read", [], ["program_id"])
    }
    award_history(client, program)
    cards = client.count("loyalty.card", [("program_id", "=", program)])
    expect(cards, "Nobody has a loyalty card.")
    return {"program": program, "cards": cards}


def set_up_program(client):
    """Answer the assistant that makes a program with tiers."""
    tiers = [(0, 0, {"name": name, "threshold": points}) for name, points in TIERS]
    setup = client.create(
        "loyalty.program.setup", {"name": "Customer Club", "tier_ids": tiers}
    )
    client.call("loyalty.program.setup", "action_create_program", [setup])


def award_history(client, program):
    """Give points for the purchases of the past; new orders earn by themselves."""
    [event_type] = client.search(
        "crm.customer.event.type", [("code", "=", "order_confirmed")]
    )
    rule = client.find_or_create(
        "loyalty.earning.rule",
        [("program_id", "=", program), ("active", "in", (True, False))],
        {
            "name": "Purchases before the club began",
            "program_id": program,
            "event_type_id": event_type,
            "points_per_value": 1,
            "enrol": True,
            "date_from": (date.today() - timedelta(days=365 * YEARS_BACK)).isoformat(),
        },
    )
    client.run_scheduled_action("crm_loyalty.ir_cron_award_events")
    client.run_scheduled_action("crm_loyalty.ir_cron_update_tiers")
    client.call("loyalty.earning.rule", "action_archive", [rule])


def read_cards(client, program, customers):
    """Return the cards of ``customers``: points, tier."""
    return client.call(
        "loyalty.card",
        "search_read",
        [("program_id", "=", program), ("partner_id", "in", customers)],
        ["partner_id", "points", "tier_id"],
        order="id",
    )


def points_to_next_tier(points):
    """Return how many points lack for the next tier, None above the highest."""
    return min(
        (threshold - points for _name, threshold in TIERS if threshold > points),
        default=None,
    )


def nearest_to_next_tier(demo, customers):
    """Return who of ``customers`` is nearest to the next tier, and its distance."""
    cards = read_cards(demo.client, demo.fact("program"), customers)
    distances = {
        card["partner_id"][0]: points_to_next_tier(card["points"]) for card in cards
    }
    near = {customer: left for customer, left in distances.items() if left}
    expect(near, "None of the recipients has a loyalty card with a tier above it.")
    customer = min(near, key=lambda customer: (near[customer], customer))
    return customer, near[customer]


def check_tier(client, order, customer):
    """Return the points of the order and the tier that it lifted the customer to."""
    [values] = client.read("sale.order", [order], "date_order")
    earned = client.call(
        "loyalty.points.entry",
        "search_read",
        [("order_id", "=", order), ("kind", "=", "award")],
        ["points"],
    )
    expect(earned, "The order earned no points.")
    reached = client.call(
        "loyalty.tier.change",
        "search_read",
        [
            ("partner_id", "=", customer),
            ("direction", "=", "reach"),
            ("date", ">=", values["date_order"]),
        ],
        ["to_tier_id"],
    )
    expect(reached, "The order did not lift the customer to the next tier.")
    return sum(entry["points"] for entry in earned), reached[0]["to_tier_id"][1]

"""Points for what customers bought, and the tier that the order of the loop crosses."""

from datetime import date, timedelta

from .stage import expect

# Points of a year, one per pound: about a third, a tenth of the sample's customers.
TIERS = (("Member", 0), ("Silver", 400), ("Gold", 1200))
YEARS_BACK = 2


def open_program(demo):
    """Open a loyalty program with tiers; what was bought so far earns points too."""
    client = demo.client
    program = client.create(
        "loyalty.program",
        {
            "name": "Customer card",
            "program_type": "loyalty",
            "applies_on": "both",
            "trigger": "auto",
            "portal_visible": True,
            "portal_point_name": "Points",
            "rule_ids": [
                (5, 0, 0),
                (0, 0, {"reward_point_mode": "money", "reward_point_amount": 1}),
            ],
            "tier_ids": [
                (0, 0, {"name": name, "threshold": threshold})
                for name, threshold in TIERS
            ],
        },
    )
    [event_type] = client.search(
        "crm.customer.event.type", [("code", "=", "order_confirmed")]
    )
    client.create(
        "loyalty.earning.rule",
        {
            "name": "Purchases before the program began",
            "program_id": program,
            "event_type_id": event_type,
            "points_per_value": 1,
            "enrol": True,
            "date_from": (date.today() - timedelta(days=365 * YEARS_BACK)).isoformat(),
        },
    )
    client.run_scheduled_action("crm_loyalty.ir_cron_award_events")
    client.run_scheduled_action("crm_loyalty.ir_cron_update_tiers")
    # From here on orders earn by the program itself.
    rules = client.search("loyalty.earning.rule", [("program_id", "=", program)])
    client.call("loyalty.earning.rule", "action_archive", rules)
    cards = client.count("loyalty.card", [("program_id", "=", program)])
    expect(cards, "Nobody has a loyalty card.")
    return {"program": program, "cards": cards}


def read_card(client, program, customer):
    """Return the card of ``customer``."""
    cards = client.call(
        "loyalty.card",
        "search_read",
        [("program_id", "=", program), ("partner_id", "=", customer)],
        ["points", "tier_id"],
    )
    expect(cards, "The customer has no loyalty card.")
    return cards[0]


def points_to_next_tier(demo):
    """Return the points that the customer lacks for the next tier."""
    points = read_card(demo.client, demo.fact("program"), demo.fact("customer"))[
        "points"
    ]
    higher = [threshold for _name, threshold in TIERS if threshold > points]
    return min(higher) - points if higher else 0

"""From the lead to the order, its invoice and its points."""

import math

from .loyalty import check_tier, nearest_to_next_tier
from .stage import expect


def set_up_sales(demo):
    """Say who looks after the leads of which countries; open the shop."""
    client = demo.client
    [user] = client.search("res.users", [("login", "=", "admin")])
    team = client.reference("sales_team.team_sales_department")
    client.write("crm.team", [team], {"member_ids": [(4, user)]})
    countries = client.search("res.country", [])
    territory = client.find_or_create(
        "crm.territory",
        [("name", "=", "World")],
        {
            "name": "World",
            "country_ids": [(6, 0, countries)],
            "team_id": team,
            "user_ids": [(4, user)],
        },
    )
    # On his order page a customer is shown what he may buy in the shop.
    products = client.search("product.template", [("sale_ok", "=", True)])
    client.write("product.template", products, {"is_published": True})
    return {"territory": territory}


def win_lead(demo):
    """Make the customer an offer, win, and confirm the order."""
    client, lead = demo.client, demo.fact("lead")
    [values] = client.read("crm.lead", [lead], "type")
    if values["type"] == "lead":
        client.call("crm.lead", "convert_opportunity", [lead], False)
    orders = client.search("sale.order", [("opportunity_id", "=", lead)])
    order = orders[0] if orders else create_quotation(demo, lead)
    [values] = client.read("sale.order", [order], "state")
    if values["state"] != "sale":
        client.call("sale.order", "action_confirm", [order])
    client.call("crm.lead", "action_set_won_rainbowman", [lead])
    [values] = client.read("sale.order", [order], "state", "campaign_id")
    expect(values["state"] == "sale", "The order is not confirmed.")
    expect(values["campaign_id"], "The order does not know its campaign.")
    invoice_order(client, order)
    points, tier = check_tier(client, order, demo.fact("customer"))
    return {"order": order, "order_points": points, "tier": tier}


def create_quotation(demo, lead):
    """Press "New Quotation" on the opportunity and fill it in."""
    client, customer = demo.client, demo.fact("customer")
    action = client.call("crm.lead", "action_new_quotation", [lead])
    _customer, points_left = nearest_to_next_tier(demo, [customer])
    lines = [
        (0, 0, {"product_id": product, "product_uom_qty": quantity})
        for product, quantity in usual_products(client, customer, points_left)
    ]
    values = {"partner_id": customer, "order_line": lines}
    context = clean_context(action["context"])
    return client.call("sale.order", "create", [values], context=context)[0]


def invoice_order(client, order):
    """Press "Create Invoice" on the order and post what comes of it."""
    [values] = client.read("sale.order", [order], "invoice_ids")
    if not values["invoice_ids"]:
        assistant = client.create(
            "sale.advance.payment.inv",
            {"advance_payment_method": "delivered", "sale_order_ids": [(4, order)]},
        )
        client.call("sale.advance.payment.inv", "create_invoices", [assistant])
        [values] = client.read("sale.order", [order], "invoice_ids")
    drafts = [("id", "in", values["invoice_ids"]), ("state", "=", "draft")]
    if invoices := client.search("account.move", drafts):
        client.call("account.move", "action_post", invoices)


def clean_context(context):
    """Return the defaults of an action, as the client passes them on to create."""
    return {
        name: value for name, value in context.items() if name.startswith("default_")
    }


def usual_products(client, customer, amount):
    """Return goods that the customer bought, in quantities worth ``amount`` or more."""
    lines = client.call(
        "sale.order.line",
        "search_read",
        [
            ("order_partner_id", "=", customer),
            ("state", "=", "sale"),
            ("product_id.type", "=", "consu"),
            ("product_id.list_price", ">", 0),
        ],
        ["product_id", "product_uom_qty"],
        order="product_uom_qty DESC, id",
        limit=5,
    )
    expect(lines, "The customer never bought anything.")
    quantities = {line["product_id"][0]: line["product_uom_qty"] for line in lines}
    prices = client.read("product.product", list(quantities), "list_price")
    usual = sum(row["list_price"] * quantities[row["id"]] for row in prices)
    factor = max(2, math.ceil(amount / usual))
    return [(product, quantity * factor) for product, quantity in quantities.items()]

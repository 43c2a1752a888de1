"""What an administrator sets before the shop opens."""

MAIL_DOMAIN = "example.com"
COMPANY = {
    "name": "Online Retail (demo)",
    "email": f"shop@{MAIL_DOMAIN}",
    "city": "London",
}


def set_company(demo):
    """Give the company its name, country, currency and mail domain."""
    client = demo.client
    [company] = client.search("res.company", [], limit=1)
    # The amounts of the sample are pounds.
    currencies = client.search(
        "res.currency", [("name", "=", "GBP")], context={"active_test": False}
    )
    client.write("res.currency", currencies, {"active": True})
    values = {
        **COMPANY,
        "country_id": client.reference("base.uk"),
        "currency_id": currencies[0],
    }
    client.write("res.company", [company], values)
    # Odoo made this list in the currency that the company had before.
    lists = client.search("product.pricelist", [("company_id", "in", (False, company))])
    client.write("product.pricelist", lists, {"currency_id": currencies[0]})
    domain = [("name", "=", MAIL_DOMAIN)]
    client.find_or_create("mail.alias.domain", domain, {"name": MAIL_DOMAIN})
    [user] = client.search("res.users", [("login", "=", "admin")])
    client.write("res.users", [user], {"email": f"sales@{MAIL_DOMAIN}"})
    return {"company": company}


def set_address(client, url):
    """Let the links in messages lead to the server at ``url``, whoever writes them."""
    for key, value in (("web.base.url", url), ("web.base.url.freeze", "True")):
        client.call("ir.config_parameter", "set_param", key, value)

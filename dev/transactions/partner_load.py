"""Load the customers of a log as partners."""

from .countries import find_countries
from .external_ids import external_name

BATCH = 1000


def load_partners(env, ids, lines, email_domain=None):
    """Make the customers of ``lines`` that are new; return the partner of each."""
    countries = {}
    for line in lines:
        countries.setdefault(line.customer, line.country)
    known = ids.known("res.partner", "customer")
    names = {customer: external_name("customer", customer) for customer in countries}
    new = [customer for customer in countries if names[customer] not in known]
    records = find_countries(env, set(countries.values()) - {""})
    Partner = env["res.partner"]
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        partners = Partner.create(
            [
                partner_values(customer, records.get(countries[customer]), email_domain)
                for customer in batch
            ]
        )
        batch_names = [names[customer] for customer in batch]
        ids.record(batch_names, partners)
        known.update(zip(batch_names, partners.ids, strict=True))
        env.cr.commit()
    return {customer: Partner.browse(known[name]) for customer, name in names.items()}


def partner_values(customer, country, email_domain):
    return {
        "name": f"Customer {customer}",
        "ref": customer,
        "is_company": True,
        "customer_rank": 1,
        "country_id": country.id if country else False,
        "email": f"customer.{customer}@{email_domain}" if email_domain else False,
    }

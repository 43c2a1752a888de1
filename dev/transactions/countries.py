"""Find Odoo's country for the names that logs use."""

# Names of the Online Retail set that differ from Odoo's. Some have no country:
# "Channel Islands" are two, "European Community" and "Unspecified" none.
CODES = {"EIRE": "IE", "RSA": "ZA", "USA": "US", "UK": "GB"}


def find_countries(env, names):
    """Return the record of ``res.country`` for each of ``names`` that has one."""
    countries = env["res.country"].search([])
    by_key = {country.code: country for country in countries}
    by_key.update((country.name.casefold(), country) for country in countries)
    found = {name: by_key.get(CODES.get(name, name.casefold())) for name in names}
    return {name: country for name, country in found.items() if country}

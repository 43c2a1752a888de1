import re

from odoo import api, models
from odoo.fields import Domain

from .crm_customer_profile_paying import BILLING_GROUPS

SEARCH_LIMIT = 12
# Shorter words find everybody.
SHORTEST_TEXT = 2
SHORTEST_PHONE = 4


class CrmCustomerProfileSearch(models.Model):
    """Find a customer by what one has at hand: a name, a number, an order."""

    _inherit = "crm.customer.profile"

    @api.model
    def search_customers(self, text):
        """Return the customers that a text leads to, those with exact numbers first.

        :param str text: a name, e-mail address, telephone number, reference, tax id, or
            the number of an order or invoice that the user may read
        :return: ``partner_id``, ``name``, ``place``, ``email``, ``phone`` and ``found``
            (what matched) of each
        :rtype: list[dict]
        """
        self.check_access("read")
        text = (text or "").strip()
        if len(text) < SHORTEST_TEXT:
            return []
        found = {}
        for document in self._search_documents(text):
            customer = document.partner_id.commercial_partner_id
            found.setdefault(customer, f"{document.display_name}")
        for contact in self._search_contacts(text):
            customer = contact.commercial_partner_id
            name = contact.name if contact != customer else ""
            found.setdefault(customer, name or "")
        customers = self.env["res.partner"].union(*found) if found else []
        return [
            {
                "partner_id": customer.id,
                "name": customer.display_name,
                "place": ", ".join(
                    filter(None, (customer.city, customer.country_id.name))
                ),
                "email": customer.email or "",
                "phone": customer.phone or "",
                "found": found[customer],
            }
            for customer in self._filter_open_to_user(customers)[:SEARCH_LIMIT]
        ]

    @api.model
    def _get_search_documents(self):
        """Hook: return the kinds of document that lead to a customer.

        :return: names of models with a ``partner_id``, and of the field that numbers
            them
        :rtype: list[tuple]
        """
        documents = [("sale.order", "name")]
        if self.env.user.has_groups(BILLING_GROUPS):
            documents.append(("account.move", "name"))
        return documents

    @api.model
    def _search_documents(self, text):
        """Yield the documents whose number is the text, or ends with it."""
        if not re.search(r"\d", text):
            return
        for model_name, field_name in self._get_search_documents():
            if self.env[model_name].has_access("read"):
                yield from self.env[model_name].search(
                    Domain(field_name, "=ilike", f"%{text}")
                    & Domain("partner_id", "!=", False)
                    & Domain("company_id", "in", [*self.env.companies.ids, False]),
                    limit=SEARCH_LIMIT,
                )

    @api.model
    def _search_contacts(self, text):
        names = ("complete_name", "email", "ref", "vat")
        domain = Domain.OR(Domain(name, "ilike", text) for name in names)
        digits = re.sub(r"[\s()./-]", "", text)
        if re.fullmatch(rf"\+?\d{{{SHORTEST_PHONE},}}", digits):
            # The leading zero of a national number is not in the international one.
            digits = re.sub(r"^0(?!0)", "", digits)
            domain |= Domain("phone_mobile_search", "ilike", digits)
        return self.env["res.partner"].search(domain, limit=4 * SEARCH_LIMIT)

    @api.model
    def _filter_open_to_user(self, customers):
        """Leave out the customers whose profile a rule hides from the user."""
        if not customers:
            return customers
        domain = [
            ("partner_id", "in", customers.ids),
            ("company_id", "=", self.env.company.id),
        ]
        hidden = self.sudo().search(domain) - self.search(domain).sudo()
        return customers - hidden.partner_id.with_env(self.env)

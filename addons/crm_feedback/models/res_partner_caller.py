import re

from odoo import api, models
from odoo.fields import Domain

SHORTEST_NUMBER = 3


class ResPartnerCaller(models.Model):
    """Who calls is found by what he says: number, name, address, order, case.

    In effect where a field's context has ``crm_find_caller``.
    """

    _inherit = "res.partner"

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if self.env.context.get("crm_find_caller") and operator == "ilike" and value:
            domain = Domain(domain) | self._get_caller_domain(value)
        return domain

    @api.model
    def _get_caller_domain(self, text):
        """Return the contacts whose telephone or document number has these digits."""
        digits = re.sub(r"[\s()./-]", "", text)
        if len(re.sub(r"\D", "", digits)) < SHORTEST_NUMBER:
            return Domain.FALSE
        documents = self._search_caller_documents(text.strip())
        domain = Domain("id", "in", documents.ids)
        if re.fullmatch(r"\+?\d+", digits):
            # The leading zero of a national number is not in the international one.
            digits = re.sub(r"^0(?!0)", "", digits)
            domain |= Domain("phone_mobile_search", "ilike", digits)
        return domain

    @api.model
    def _search_caller_documents(self, text):
        profiles = self.env["crm.customer.profile"]
        if not profiles.has_access("read"):
            return self.browse()
        documents = profiles._search_documents(text)
        return self.browse().union(*(document.partner_id for document in documents))

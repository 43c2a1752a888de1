from hashlib import sha256

from odoo import api, models

PLACES = 2**32


class CrmProductRecommendation(models.Model):
    """The comparison group: customers to whom nothing is recommended anywhere.

    Who is in it follows from his id and the company alone: always the same customers,
    and those of a smaller share stay in a larger one.
    """

    _inherit = "crm.product.recommendation"

    @api.model
    def _filter_recommended_to(self, customers, company):
        """Return the customers without those of the comparison group.

        :param customers: commercial partners
        """
        share = company.sudo().recommendation_holdout / 100
        if not share:
            return customers
        return customers.filtered(
            lambda customer: self._draw(customer.id, company.id) >= share
        )

    @api.model
    def _draw(self, customer_id, company_id):
        """Return the customer's place between 0 and 1, as good as drawn at random."""
        digest = sha256(f"recommendation/{company_id}/{customer_id}".encode()).digest()
        return int.from_bytes(digest[:4], "big") / PLACES

    def _filter_sellable(self, company):
        shown = set(self._filter_recommended_to(self.partner_id, company)._ids)
        told = self.filtered(lambda each: each.partner_id.id in shown)
        return super(CrmProductRecommendation, told)._filter_sellable(company)

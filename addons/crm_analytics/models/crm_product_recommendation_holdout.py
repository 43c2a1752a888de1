from odoo import api, models

from odoo.addons.crm_lifecycle.journey_steps.splitting import draw


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
        step = f"recommendation:{company.id}"
        return customers.filtered(lambda customer: draw(customer.id, step) >= share)

    def _filter_sellable(self, company):
        shown = set(self._filter_recommended_to(self.partner_id, company)._ids)
        told = self.filtered(lambda each: each.partner_id.id in shown)
        return super(CrmProductRecommendation, told)._filter_sellable(company)

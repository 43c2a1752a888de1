from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_next_products(self):
        """Put the product of the analysis before the best seller of his category."""
        recommendations = self.env["crm.product.recommendation"].sudo()
        customers = recommendations._filter_recommended_to(
            self.commercial_partner_id, self.env.company
        )
        recommendations = recommendations.search(
            [
                ("partner_id", "in", customers.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        analysed = {}
        for each in recommendations._filter_sellable(self.env.company):
            analysed.setdefault(each.partner_id.id, each.product_id)
        others = customers.filtered(lambda customer: customer.id not in analysed)
        return {**super(ResPartner, others)._get_next_products(), **analysed}

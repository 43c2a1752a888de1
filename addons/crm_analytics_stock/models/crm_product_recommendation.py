from odoo import api, models
from odoo.tools import SQL


class CrmProductRecommendation(models.Model):
    _inherit = "crm.product.recommendation"

    @api.model
    def _get_excluded_products(self, company, customers=None):
        """Nobody is offered what he sent back."""
        excluded = super()._get_excluded_products(company, customers)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT contact.commercial_partner_id, move.product_id
                  FROM stock_move move
                  JOIN stock_location source ON source.id = move.location_id
                  JOIN sale_order_line line ON line.id = move.sale_line_id
                  JOIN sale_order so ON so.id = line.order_id
                  JOIN res_partner contact ON contact.id = so.partner_id
                 WHERE move.state = 'done' AND source.usage = 'customer'
                   AND so.company_id = %s AND %s
                """,
                company.id,
                SQL("TRUE")
                if customers is None
                else SQL("contact.commercial_partner_id = ANY(%s)", customers.ids),
            )
        )
        for customer, product in rows:
            excluded.setdefault(customer, set()).add(product)
        return excluded

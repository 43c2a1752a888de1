from odoo import api, models
from odoo.fields import Domain

MOST_ON_PORTAL = 4


class SaleOrder(models.Model):
    """The customer's own page of an order: what is often chosen next."""

    _inherit = "sale.order"

    def _get_portal_recommendations(self, viewer):
        """Return the products to show below the order, best first.

        What goes with its products, then what suits the customer. Nothing for anybody
        but the customer himself, logged in: the link to an order may be passed on.

        :param res.partner viewer: the contact who looks at the page, which itself is
            rendered as superuser
        :rtype: product.product
        """
        self.ensure_one()
        order = self.sudo()
        customer = order.partner_id.commercial_partner_id
        own = order.order_line.product_id
        shown = self.env["crm.product.recommendation"]._filter_recommended_to(
            customer, order.company_id
        )
        if shown != customer or not order._is_for_profiled_customer(viewer.sudo()):
            return own.browse()
        told = [
            *order._get_reasons_by_affinity(own.ids, customer, order.company_id),
            *order._get_reasons_by_customer(customer, order.company_id),
        ]
        products = own.browse(dict.fromkeys(product.id for product in told)) - own
        domain = self._get_portal_product_domain(order.company_id)
        return products.filtered_domain(domain)[:MOST_ON_PORTAL]

    def _is_for_profiled_customer(self, viewer):
        """Return whether the customer looks at it, and did not object to profiling."""
        customer = self.partner_id.commercial_partner_id
        if viewer.commercial_partner_id != customer:
            return False
        both = customer | viewer
        return self.env["crm.customer.profile"]._filter_profiled(both) == both

    @api.model
    def _get_portal_product_domain(self, company):
        """Hook: return the products that a customer may be shown.

        Where there is a shop, only what is published in it.
        """
        domain = Domain("company_id", "in", (False, company.id))
        if "is_published" in self.env["product.template"]._fields:
            domain &= Domain("is_published", "=", True)
        return domain

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount

MOST_SHOWN = 8
MOST_BY_AFFINITY = 4


class SaleOrder(models.Model):
    """Quotations: what else the customer may want, with the reason."""

    _inherit = "sale.order"

    # What came of opportunities is summed up from the index alone.
    _opportunity_amount_idx = models.Index(
        "(opportunity_id) INCLUDE (company_id, state, amount_total, currency_rate)"
        " WHERE opportunity_id IS NOT NULL"
    )

    @api.model
    def get_recommendations(self, partner_id, product_ids, pricelist_id, company_id):
        """Return the products to offer on a quotation, which need not be saved yet.

        What goes with the products on it comes first, then what suits the customer.
        Only what can be sold now, and nothing that he sent back.

        :param list product_ids: products on the quotation
        :return: dictionaries of ``product_id``, ``name``, ``reason``, ``price`` (his,
            formatted)
        :rtype: list[dict]
        """
        self.check_access("create")
        customer = self.env["res.partner"].browse(partner_id).commercial_partner_id
        customer.check_access("read")
        company = self.env.companies.filtered(lambda own: own.id == company_id)
        company = company or self.env.company
        recommendations = self.env["crm.product.recommendation"]
        if customer != recommendations._filter_recommended_to(customer, company):
            return []
        reasons = self._get_reasons_by_affinity(product_ids, customer, company)
        own = self._get_reasons_by_customer(customer, company)
        reasons.update(
            (product, reason)
            for product, reason in own.items()
            if product.id not in product_ids and product not in reasons
        )
        pricelist = self.env["product.pricelist"].browse(pricelist_id or [])
        pricelist.check_access("read")
        return [
            {
                "product_id": product.id,
                "name": product.display_name,
                "reason": reason,
                "price": self._format_price(product, pricelist, company),
            }
            for product, reason in list(reasons.items())[:MOST_SHOWN]
        ]

    def action_add_recommended(self, product_id):
        """Put one piece of a recommended product onto the quotation."""
        self.ensure_one()
        if self.state not in ("draft", "sent"):
            raise UserError(
                self.env._("This order is confirmed: make a new quotation for it.")
            )
        self.env["sale.order.line"].create(
            {
                "order_id": self.id,
                "product_id": product_id,
                "product_uom_qty": 1,
                "is_recommended": True,
            }
        )

    @api.model
    def _get_reasons_by_affinity(self, product_ids, customer, company):
        """Return what is bought together with the products on the quotation."""
        recommendations = self.env["crm.product.recommendation"].sudo()
        excluded = recommendations._get_excluded_products(company, customer)
        never = {*product_ids, *excluded.get(customer.id, ())}
        pairs = self.env["crm.product.affinity"].sudo()
        pairs = pairs.search(
            [
                ("product_id", "in", product_ids),
                ("other_product_id", "not in", list(never)),
                ("company_id", "=", company.id),
            ],
            order="confidence DESC, id",
        )
        domain = self.env["res.partner"]._get_recommendable_domain()
        others = pairs.other_product_id.with_company(company).filtered_domain(domain)
        reasons = {}
        for pair in pairs:
            product = pair.other_product_id
            if product in others and len(reasons) < MOST_BY_AFFINITY:
                reasons.setdefault(product.sudo(False), self._say_bought_with(pair))
        return reasons

    def _say_bought_with(self, pair):
        return self.env._(
            "%(share)s of the orders with %(product)s have it",
            share=f"{pair.confidence:.0%}",
            product=pair.product_id.display_name,
        )

    @api.model
    def _get_reasons_by_customer(self, customer, company):
        """Return what the analysis recommends to the customer.

        Who may not see all his orders is not told what he bought.
        """
        profile = self.env["crm.customer.profile"].sudo()
        profile = profile.search(
            [("partner_id", "=", customer.id), ("company_id", "=", company.id)], limit=1
        )
        is_open = self._sees_all_orders(customer)
        return {
            each.product_id.sudo(False): each.reason
            if is_open
            else self.env._("Suits what he buys")
            for each in profile._get_recommendations(MOST_SHOWN)
        }

    @api.model
    def _sees_all_orders(self, customer):
        domain = Domain("partner_id", "child_of", customer.ids)
        return self.search_count(domain) == self.sudo().search_count(domain)

    @api.model
    def _format_price(self, product, pricelist, company):
        currency = pricelist.currency_id or company.currency_id
        price = pricelist._get_product_price(product, 1.0, currency=currency)
        return format_amount(self.env, price, currency)

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from .utm_campaign import USER_GROUP

# Products looked at for each favourite category, best sellers first.
CANDIDATES = 30


class ResPartnerPersonal(models.Model):
    """What messages can say to a customer of himself, as fields to be put in.

    All are texts in his language, empty where there is nothing to say: the default that
    is written with the placeholder stands then.
    """

    _inherit = "res.partner"

    crm_next_product_id = fields.Many2one(
        "product.product",
        "Next Product",
        compute="_compute_crm_next_product",
        compute_sudo=True,
        groups=USER_GROUP,
        help="The best seller of his favourite category that he has not bought and "
        "that can be sold now.",
    )
    crm_next_product_name = fields.Char(
        "Name of the Next Product",
        compute="_compute_crm_next_product",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    crm_next_product_price = fields.Char(
        "His Price of the Next Product",
        compute="_compute_crm_next_product",
        compute_sudo=True,
        groups=USER_GROUP,
        help="By his price list, in its currency.",
    )
    crm_next_product_offer = fields.Char(
        "Offer of the Next Product",
        compute="_compute_crm_next_product",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Its name and his price.",
    )
    crm_open_quotation = fields.Char(
        "Open Quotation",
        compute="_compute_crm_last_documents",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Number of the last quotation he was sent and has not confirmed.",
    )
    crm_last_order = fields.Char(
        "Last Order",
        compute="_compute_crm_last_documents",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Number of the last confirmed order.",
    )

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Who may write mailings may use these: stock lets only template editors use
        more than the name.
        """
        return (
            *super().mail_allowed_qweb_expressions(),
            *(f"object.{name}" for name in self._get_personal_fields()),
        )

    @api.model
    def _get_personal_fields(self):
        """Hook: return the fields that say something to a customer of himself."""
        return (
            "crm_next_product_name",
            "crm_next_product_price",
            "crm_next_product_offer",
            "crm_open_quotation",
            "crm_last_order",
        )

    # ------------------------------------------------------------
    # Next product
    # ------------------------------------------------------------

    def _compute_crm_next_product(self):
        product_by_customer = self._get_next_products()
        for partner in self:
            customer = partner.commercial_partner_id
            product = product_by_customer.get(customer.id)
            product = product or self.env["product.product"]
            partner.crm_next_product_id = product
            partner.crm_next_product_name = (
                product.with_context(lang=partner.lang).name or False
            )
            partner.crm_next_product_price = (
                partner._format_own_price(product) if product else False
            )
            partner.crm_next_product_offer = (
                partner._offer(product) if product else False
            )

    def _offer(self, product):
        env = self.with_context(lang=self.lang).env
        return env._(
            "%(product)s for %(price)s",
            product=product.with_env(env).name,
            price=self._format_own_price(product),
        )

    def _format_own_price(self, product):
        """Return what one unit costs him, in his language."""
        self.ensure_one()
        pricelist = self.property_product_pricelist
        company = self.company_id or self.env.company
        currency = pricelist.currency_id or company.currency_id
        price = pricelist._get_product_price(product, 1.0, currency=currency)
        return format_amount(self.env, price, currency, lang_code=self.lang)

    def _get_next_products(self):
        """Return the product to recommend to each customer.

        Best sellers of the last year in the category he spends most on, without those
        he bought: two queries for any number of customers.

        :rtype: dict[int, product.product]
        """
        customers = self.commercial_partner_id
        profiles = self.env["crm.customer.profile"].search(
            [
                ("partner_id", "in", customers.ids),
                ("company_id", "=", self.env.company.id),
                ("favourite_category_id", "!=", False),
            ]
        )
        category_by_customer = {
            profile.partner_id.id: profile.favourite_category_id.id
            for profile in profiles
        }
        if not category_by_customer:
            return {}
        sellers = self._read_best_sellers(set(category_by_customer.values()))
        bought = self._read_products_bought(list(category_by_customer))
        products = self.env["product.product"].browse(
            {product for ids in sellers.values() for product in ids}
        )
        sold_now = set(products.filtered_domain(self._get_recommendable_domain()).ids)
        recommended = {}
        for customer, category in category_by_customer.items():
            known = bought.get(customer, set())
            for product in sellers.get(category, ()):
                if product in sold_now and product not in known:
                    recommended[customer] = products.browse(product)
                    break
        return recommended

    @api.model
    def _get_recommendable_domain(self):
        """Hook: return a domain on products that can be sold now."""
        return Domain("sale_ok", "=", True) & Domain("active", "=", True)

    def _read_best_sellers(self, categories):
        """Return the products of each category, the most sold of the last year first.

        :rtype: dict[int, list[int]]
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT categ_id, product_id FROM (
                    SELECT template.categ_id, line.product_id,
                           row_number() OVER (
                               PARTITION BY template.categ_id
                               ORDER BY count(DISTINCT so.partner_id) DESC,
                                        line.product_id) AS rank
                      FROM sale_order_line line
                      JOIN sale_order so ON so.id = line.order_id
                      JOIN product_product product ON product.id = line.product_id
                      JOIN product_template template
                        ON template.id = product.product_tmpl_id
                     WHERE so.state = 'sale' AND so.company_id = %s
                       AND so.date_order > %s AND template.categ_id IN %s
                       AND line.display_type IS NULL
                     GROUP BY template.categ_id, line.product_id
                ) seller WHERE rank <= %s ORDER BY categ_id, rank
                """,
                self.env.company.id,
                fields.Datetime.subtract(fields.Datetime.now(), years=1),
                tuple(categories),
                CANDIDATES,
            )
        )
        sellers = {}
        for category, product in rows:
            sellers.setdefault(category, []).append(product)
        return sellers

    def _read_products_bought(self, customers):
        """Return what each customer bought, ever.

        :rtype: dict[int, set[int]]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contact.commercial_partner_id,
                       array_agg(DISTINCT line.product_id)
                  FROM res_partner contact
                  JOIN sale_order so ON so.partner_id = contact.id
                  JOIN sale_order_line line ON line.order_id = so.id
                 WHERE contact.commercial_partner_id = ANY(%s) AND so.state = 'sale'
                   AND line.product_id IS NOT NULL
                 GROUP BY contact.commercial_partner_id
                """,
                customers,
            )
        )
        return {customer: set(products) for customer, products in rows}

    # ------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------

    def _compute_crm_last_documents(self):
        self.env.flush_all()
        rows = (
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (contact.commercial_partner_id, so.state)
                           contact.commercial_partner_id, so.state, so.name
                      FROM res_partner contact
                      JOIN sale_order so ON so.partner_id = contact.id
                     WHERE contact.commercial_partner_id IN %s
                       AND so.state IN ('sent', 'sale') AND so.company_id = %s
                     ORDER BY contact.commercial_partner_id, so.state,
                              so.date_order DESC, so.id DESC
                    """,
                    self.commercial_partner_id._ids or (0,),
                    self.env.company.id,
                )
            )
            if self
            else []
        )
        names = {(customer, state): name for customer, state, name in rows}
        for partner in self:
            customer = partner.commercial_partner_id.id
            partner.crm_open_quotation = names.get((customer, "sent"), False)
            partner.crm_last_order = names.get((customer, "sale"), False)

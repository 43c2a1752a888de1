from odoo import api, fields, models
from odoo.tools import SQL

from ..profile_metrics.metric_source import MetricSource

# An amount of an order in the company's currency, at the rate of the order's date.
ORDER_RATE = SQL("COALESCE(NULLIF(so.currency_rate, 0), 1)")


class CrmCustomerProfileBuying(models.Model):
    """How the customer buys: from orders, their lines and quotations."""

    _inherit = "crm.customer.profile"

    first_order_date = fields.Datetime("First order", readonly=True)
    last_order_date = fields.Datetime("Last order", readonly=True)
    order_count = fields.Integer("Orders", readonly=True)
    revenue = fields.Monetary(
        readonly=True, help="Untaxed amount of all confirmed orders."
    )
    revenue_12m = fields.Monetary(
        "Revenue 12 months", readonly=True, help="Of the last twelve months."
    )
    revenue_previous_12m = fields.Monetary(
        "Revenue the year before",
        readonly=True,
        help="Of the twelve months before the last twelve.",
    )
    average_basket = fields.Monetary(readonly=True, help="Revenue per confirmed order.")
    largest_order = fields.Monetary(readonly=True)
    mean_order_interval = fields.Float(
        "Days between orders", readonly=True, help="Mean time between two orders."
    )
    expected_order_date = fields.Date(
        "Next order expected",
        readonly=True,
        help="The last order and the mean time between two orders after it.",
    )
    order_interval_trend = fields.Float(
        "Interval trend",
        readonly=True,
        help="Days by which the time between two orders grows from one order to the "
        "next. Negative: the customer orders more and more often.",
    )
    margin = fields.Monetary(
        readonly=True,
        help="Revenue less cost, of the products that have a cost.",
    )
    margin_rate = fields.Float(
        readonly=True, aggregator="avg", help="Margin as a share of that revenue."
    )
    favourite_category_id = fields.Many2one(
        "product.category",
        "Favourite category",
        readonly=True,
        ondelete="set null",
        help="The product category with the highest revenue.",
    )
    favourite_category_share = fields.Float(
        "Share of favourite category", readonly=True, aggregator="avg"
    )
    favourite_product_id = fields.Many2one(
        "product.product",
        "Favourite product",
        readonly=True,
        ondelete="set null",
        help="The product with the highest revenue.",
    )
    category_revenue = fields.Json(
        "Revenue by category", readonly=True, export_string_translation=False
    )
    category_shares = fields.Text(
        "Basket by category", compute="_compute_category_shares"
    )
    category_count = fields.Integer("Categories bought", readonly=True)
    product_count = fields.Integer("Products bought", readonly=True)
    discounted_share = fields.Float(
        "Bought at a discount",
        readonly=True,
        aggregator="avg",
        help="Share of the revenue from lines with a discount.",
    )
    mean_discount = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Discount as a share of the list price, over all lines.",
    )
    open_quotation_count = fields.Integer("Open quotations", readonly=True)
    open_quotation_amount = fields.Monetary("Quoted", readonly=True, help="Untaxed.")
    cancelled_order_count = fields.Integer("Cancelled orders", readonly=True)

    @api.depends("category_revenue")
    def _compute_category_shares(self):
        ids = {int(key) for profile in self for key in profile.category_revenue or {}}
        categories = self.env["product.category"].sudo().browse(ids).exists()
        names = {str(category.id): category.display_name for category in categories}
        names["0"] = self.env._("No category")
        for profile in self:
            amounts = profile.category_revenue or {}
            total = sum(amounts.values()) or 1
            profile.category_shares = "\n".join(
                f"{names[key]}: {amount / total:.0%}"
                for key, amount in sorted(
                    amounts.items(), key=lambda item: item[1], reverse=True
                )
                if key in names
            )

    @api.model
    def _get_metric_sources(self, customers):
        return [
            *super()._get_metric_sources(customers),
            self._get_order_source(customers),
            self._get_order_line_source(customers),
            self._get_quotation_source(customers),
        ]

    @api.model
    def _get_order_source(self, customers):
        query = SQL(
            """
            SELECT partner_id, company_id, min(date_order), max(date_order), count(*),
                   sum(amount),
                   sum(amount) FILTER (WHERE date_order > %(year_ago)s),
                   sum(amount) FILTER (WHERE date_order <= %(year_ago)s
                                         AND date_order > %(two_years_ago)s),
                   avg(amount), max(amount), avg(gap),
                   (max(date_order) + make_interval(secs => avg(gap) * 86400))::date,
                   regr_slope(gap, position)
              FROM (
                SELECT contact.commercial_partner_id AS partner_id, so.company_id,
                       so.date_order, so.amount_untaxed / %(rate)s AS amount,
                       extract(epoch FROM
                           so.date_order - lag(so.date_order) OVER orders)::float8
                       / 86400 AS gap,
                       row_number() OVER orders AS position
                  FROM sale_order so
                  JOIN res_partner contact ON contact.id = so.partner_id
                 WHERE so.state = 'sale' AND %(wanted)s
                WINDOW orders AS (
                    PARTITION BY contact.commercial_partner_id, so.company_id
                        ORDER BY so.date_order, so.id)) orders
             GROUP BY partner_id, company_id
            """,
            year_ago=self._get_months_ago(12),
            two_years_ago=self._get_months_ago(24),
            rate=ORDER_RATE,
            wanted=customers.include_contact(SQL.identifier("so", "partner_id")),
        )
        columns = (
            "first_order_date",
            "last_order_date",
            "order_count",
            "revenue",
            "revenue_12m",
            "revenue_previous_12m",
            "average_basket",
            "largest_order",
            "mean_order_interval",
            "expected_order_date",
            "order_interval_trend",
        )
        return MetricSource(
            "orders",
            columns,
            query,
            self.env._("Confirmed sales orders"),
            self.env._(
                "Untaxed amounts, in the company's currency at the rate of each "
                "order's date. Orders of all contacts of the customer count."
            ),
        )

    @api.model
    def _get_order_line_source(self, customers):
        query = SQL(
            """
            SELECT partner_id, company_id, sum(costed - cost),
                   sum(costed - cost) / NULLIF(sum(costed), 0),
                   (array_agg(categ_id ORDER BY amount DESC, categ_id))[1],
                   max(amount) / NULLIF(sum(amount), 0),
                   (array_agg(product_id ORDER BY best DESC, product_id))[1],
                   jsonb_object_agg(COALESCE(categ_id, 0), round(amount, 2)),
                   count(*), sum(products),
                   sum(discounted) / NULLIF(sum(amount), 0),
                   sum(reduction) / NULLIF(sum(list_amount), 0)
              FROM (
                SELECT partner_id, company_id, categ_id, sum(amount) AS amount,
                       sum(cost) AS cost,
                       COALESCE(sum(amount) FILTER (WHERE cost > 0), 0) AS costed,
                       sum(discounted) AS discounted,
                       sum(reduction) AS reduction, sum(list_amount) AS list_amount,
                       count(*) AS products, max(amount) AS best,
                       (array_agg(product_id ORDER BY amount DESC, product_id))[1]
                       AS product_id
                  FROM (%(products)s) product
                 GROUP BY partner_id, company_id, categ_id) category
             GROUP BY partner_id, company_id
            """,
            products=self._get_sold_products_query(customers),
        )
        columns = (
            "margin",
            "margin_rate",
            "favourite_category_id",
            "favourite_category_share",
            "favourite_product_id",
            "category_revenue",
            "category_count",
            "product_count",
            "discounted_share",
            "mean_discount",
        )
        return MetricSource(
            "order_lines",
            columns,
            query,
            self.env._("Lines of confirmed sales orders"),
            self._get_order_line_description(),
        )

    @api.model
    def _get_sold_products_query(self, customers):
        """Return SQL of what each customer bought of each product."""
        return SQL(
            """
            SELECT so.customer_id AS partner_id, so.company_id,
                   template.categ_id, line.product_id,
                   sum(line.price_subtotal / %(rate)s) AS amount,
                   sum(%(cost)s) AS cost,
                   COALESCE(sum(line.price_subtotal / %(rate)s)
                       FILTER (WHERE line.discount > 0), 0) AS discounted,
                   sum(line.price_unit * line.product_uom_qty * line.discount / 100
                       / %(rate)s) AS reduction,
                   sum(line.price_unit * line.product_uom_qty / %(rate)s)
                   AS list_amount
              FROM (SELECT so.id, so.company_id, so.currency_rate,
                           contact.commercial_partner_id AS customer_id
                      FROM sale_order so
                      JOIN res_partner contact ON contact.id = so.partner_id
                     WHERE so.state = 'sale' AND %(wanted)s %(first)s) so
              JOIN sale_order_line line ON line.order_id = so.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              %(cost_joins)s
             WHERE line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
             GROUP BY so.customer_id, so.company_id, template.categ_id, line.product_id
            """,
            rate=ORDER_RATE,
            cost=self._get_line_cost_sql(),
            cost_joins=self._get_line_cost_joins(),
            first=customers.first,
            wanted=customers.include_contact(SQL.identifier("so", "partner_id")),
        )

    @api.model
    def _get_line_cost_sql(self):
        """Hook: return SQL of the cost of an order line, in the company's currency.

        Aliases there are: ``so``, ``line``, ``product``, ``template``.
        """
        return SQL(
            """
            COALESCE((product.standard_price ->> so.company_id::text)::numeric, 0)
            * line.product_uom_qty * COALESCE(sold_in.factor / stored_in.factor, 1)
            """
        )

    @api.model
    def _get_line_cost_joins(self):
        """Hook: return the joins that :meth:`_get_line_cost_sql` needs."""
        return SQL(
            """
            LEFT JOIN uom_uom sold_in ON sold_in.id = line.product_uom_id
            LEFT JOIN uom_uom stored_in ON stored_in.id = template.uom_id
            """
        )

    @api.model
    def _get_order_line_description(self):
        """Hook: say where the cost comes from."""
        return self.env._(
            "Untaxed, at the rate of each order's date. The margin takes the products' "
            "present cost."
        )

    @api.model
    def _get_quotation_source(self, customers):
        query = SQL(
            """
            SELECT contact.commercial_partner_id, so.company_id,
                   count(*) FILTER (WHERE so.state != 'cancel'),
                   sum(so.amount_untaxed / %(rate)s)
                       FILTER (WHERE so.state != 'cancel'),
                   count(*) FILTER (WHERE so.state = 'cancel')
              FROM sale_order so
              JOIN res_partner contact ON contact.id = so.partner_id
             WHERE so.state IN ('draft', 'sent', 'cancel') AND %(wanted)s
             GROUP BY contact.commercial_partner_id, so.company_id
            """,
            rate=ORDER_RATE,
            wanted=customers.include_contact(SQL.identifier("so", "partner_id")),
        )
        columns = (
            "open_quotation_count",
            "open_quotation_amount",
            "cancelled_order_count",
        )
        return MetricSource(
            "quotations", columns, query, self.env._("Quotations and cancelled orders")
        )

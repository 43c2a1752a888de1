from odoo import api, fields, models
from odoo.tools import SQL, split_every

# Rows per INSERT: about a second each.
WRITE_BATCH = 50_000


class CrmProductRecommendation(models.Model):
    """A product that a customer has not bought and is likely to buy next.

    Written by the analysis *Recommendations*, for all customers at once.
    """

    _name = "crm.product.recommendation"
    _description = "Recommended Product"
    _order = "partner_id, rank"
    _rec_name = "product_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", readonly=True
    )
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    rank = fields.Integer(
        readonly=True, aggregator=None, help="1 is the most likely of all."
    )
    score = fields.Float(
        readonly=True,
        aggregator=None,
        help="By this the products of one customer are ranked; not a probability.",
    )
    because_product_id = fields.Many2one(
        "product.product",
        "Because of",
        ondelete="set null",
        index=True,
        readonly=True,
        help="What he has bought that speaks most for it.",
    )
    reason = fields.Char(compute="_compute_reason")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    _customer_uniq = models.UniqueIndex(
        "(partner_id, company_id, product_id)",
        "A product is recommended to a customer once.",
    )

    @api.depends("because_product_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        for recommendation in self:
            because = recommendation.sudo().because_product_id
            recommendation.reason = (
                self.env._("Goes with %s, which he bought", because.display_name)
                if because
                else self.env._("Sells best of what he has not bought")
            )

    def _filter_sellable(self, company):
        """Return those whose product can be sold now and has not come back."""
        if not self:
            return self
        domain = self.env["res.partner"]._get_recommendable_domain()
        products = self.product_id.with_company(company).filtered_domain(domain)
        excluded = self._get_excluded_products(company, self.partner_id)
        return self.filtered(
            lambda each: each.product_id in products
            and each.product_id.id not in excluded.get(each.partner_id.id, ())
        )

    @api.model
    def _get_excluded_products(self, company, customers=None):
        """Hook: return the products never recommended to a customer.

        :param customers: commercial partners; all by default
        :return: ids of products by id of the customer
        :rtype: dict[int, set[int]]
        """
        return {}

    @api.model
    def _replace(self, company, rows):
        """Replace all recommendations of a company.

        :param rows: customer, product, rank, score, because-product or nothing
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "DELETE FROM crm_product_recommendation WHERE company_id = %s"
                " RETURNING id",
                company.id,
            )
        )
        for batch in split_every(WRITE_BATCH, rows, list):
            columns = [list(column) for column in zip(*batch, strict=True)]
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO crm_product_recommendation (
                        partner_id, product_id, rank, score, because_product_id,
                        company_id, create_uid, write_uid, create_date, write_date)
                    SELECT *, %(company)s, %(user)s, %(user)s, %(now)s, %(now)s
                      FROM unnest(%(partner)s::int4[], %(product)s::int4[],
                                  %(rank)s::int4[], %(score)s::float8[],
                                  %(because)s::int4[])
                    RETURNING id
                    """,
                    company=company.id,
                    user=self.env.uid,
                    now=self.env.cr.now(),
                    partner=columns[0],
                    product=columns[1],
                    rank=columns[2],
                    score=columns[3],
                    because=columns[4],
                )
            )
        self.invalidate_model()

from odoo import api, fields, models
from odoo.tools import SQL

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
    def _remove_others(self, company, partner_ids):
        """Remove the recommendations to customers who are not among these.

        A full join reads each side once, whatever the planner expects.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS MATERIALIZED (
                    SELECT told.id
                      FROM (SELECT id, partner_id FROM crm_product_recommendation
                             WHERE company_id = %s) told
                 FULL JOIN unnest(%s::int4[]) kept (id) ON kept.id = told.partner_id
                     WHERE kept.id IS NULL
                )
                DELETE FROM crm_product_recommendation
                 WHERE id IN (SELECT id FROM gone)
                """,
                company.id,
                partner_ids.tolist(),
            )
        )
        self.invalidate_model()

    @api.model
    def _replace(self, company, customers, partner, product, rank, score, because):
        """Replace what is recommended to some customers; who objects gets nothing.

        :param customers: ids of the customers, shape (m,)
        :param partner, product, rank, score, because: arrays of shape (n,), a row
            each; no because-product is 0
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_product_recommendation WHERE company_id = %s"
                " AND partner_id = ANY(%s)",
                company.id,
                customers.tolist(),
            )
        )
        columns = (partner, product, rank, score, because)
        for start in range(0, len(partner), WRITE_BATCH):
            part = slice(start, start + WRITE_BATCH)
            self._insert(company, *(column[part].tolist() for column in columns))
        self.invalidate_model()

    @api.model
    def _insert(self, company, partner, product, rank, score, because):
        """Insert rows; products that are gone meanwhile are left out."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_product_recommendation (
                    partner_id, product_id, rank, score, because_product_id,
                    company_id, create_uid, write_uid, create_date, write_date)
                SELECT told.partner_id, product.id, told.rank, told.score, because.id,
                       %(company)s, %(user)s, %(user)s, %(now)s, %(now)s
                  FROM unnest(%(partner)s::int4[], %(product)s::int4[],
                              %(rank)s::int4[], %(score)s::float8[],
                              %(because)s::int4[])
                       AS told (partner_id, product_id, rank, score, because)
                  JOIN product_product product ON product.id = told.product_id
             LEFT JOIN product_product because ON because.id = told.because
                 WHERE %(profiled)s
                """,
                company=company.id,
                user=self.env.uid,
                now=self.env.cr.now(),
                partner=partner,
                product=product,
                rank=rank,
                score=score,
                because=because,
                profiled=self.env["crm.customer.profile"]._profiled_to_sql(
                    SQL("told.partner_id")
                ),
            )
        )

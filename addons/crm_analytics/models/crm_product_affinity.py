from odoo import api, fields, models


class CrmProductAffinity(models.Model):
    """Two products that are bought together more often than chance would have it."""

    _name = "crm.product.affinity"
    _description = "Products Bought Together"
    _order = "product_id, lift DESC"
    _rec_name = "other_product_id"

    product_id = fields.Many2one(
        "product.product", "Who Buys", required=True, ondelete="cascade", readonly=True
    )
    other_product_id = fields.Many2one(
        "product.product",
        "Buys as Well",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    order_count = fields.Integer(
        "Orders", readonly=True, aggregator=None, help="With both products."
    )
    support = fields.Float(
        readonly=True, aggregator=None, help="Share of all orders that have both."
    )
    confidence = fields.Float(
        readonly=True,
        aggregator=None,
        help="Of the orders with the first product, the share that has the second.",
    )
    lift = fields.Float(
        readonly=True,
        aggregator=None,
        help="How many times as often as if the two had nothing to do with each other.",
    )
    error_rate = fields.Float(
        readonly=True,
        digits=(12, 6),
        aggregator=None,
        help="Share of chance findings among the pairs at least as strong as this one "
        "(false discovery rate).",
    )

    _pair_uniq = models.UniqueIndex(
        "(product_id, other_product_id, company_id)", "A pair is told once."
    )

    @api.model
    def _remove(self, company):
        self.search([("company_id", "=", company.id)]).unlink()

    @api.model
    def _add(self, company, columns):
        """Add pairs; those of products that are gone meanwhile are left out.

        :param dict columns: arrays of one length by the name of the field
        """
        ids = {*columns["product_id"].tolist(), *columns["other_product_id"].tolist()}
        there = set(self.env["product.product"].browse(ids).exists().ids)
        rows = zip(*(values.tolist() for values in columns.values()), strict=True)
        self.create(
            [
                {**values, "company_id": company.id}
                for row in rows
                if {(values := dict(zip(columns, row, strict=True)))["product_id"],
                    values["other_product_id"]} <= there
            ]
        )  # fmt: skip

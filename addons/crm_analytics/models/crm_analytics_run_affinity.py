import numpy as np

from odoo import api, fields, models

from ..analysis_results.outcome import Outcome
from ..engine import affinity

# Of each product, the strongest pairs.
MOST_OF_A_PRODUCT = 20


class CrmAnalyticsRun(models.Model):
    """Bought together: pairs of products on one order that are not chance."""

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("affinity", "Products bought together")],
        ondelete={"affinity": "cascade"},
    )
    least_support = fields.Float(
        default=0.1,
        digits=(5, 2),
        help="Per cent of all orders that must have both products. Five orders at "
        "least.",
    )
    least_confidence = fields.Float(
        default=5,
        digits=(5, 2),
        help="Per cent of the orders with the first product that must have the second.",
    )

    _floors_are_per_cent = models.Constraint(
        "CHECK(least_support BETWEEN 0 AND 100 AND least_confidence BETWEEN 0 AND 100)",
        "Support and confidence are per cent, from 0 to 100.",
    )

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            "orders": self.env._("Orders"),
            "pairs": self.env._("Pairs that are not chance"),
            "median_lift": self.env._("Median lift"),
        }

    def _analyse_affinity(self):
        _profile, product_id, order_id, _day = self._read_products_sold()
        if not product_id.size:
            return self._say_nothing_to_analyse()
        product_ids, item = np.unique(product_id, return_inverse=True)
        orders, basket = np.unique(order_id, return_inverse=True)
        told = affinity.rules(
            affinity.baskets_with(basket, item),
            self.least_support / 100,
            self.least_confidence / 100,
        )
        count = told.right.size
        return Outcome(
            self.env._("Association rules, Fisher's test, 5 % false discoveries"),
            self.env._(
                "%(pairs)s pairs of products stand together on %(orders)s orders more "
                "often than chance would have it.",
                pairs=count,
                orders=orders.size,
            ),
            {
                "orders": int(orders.size),
                "pairs": count,
                "median_lift": float(np.median(told.lift)) if count else None,
            },
            rows=_list_pairs(told, product_ids),
        )

    def _clear_rows_of_others(self, parts):
        if self.kind == "affinity":
            self.env["crm.product.affinity"].sudo()._remove(self.company_id)
        return super()._clear_rows_of_others(parts)

    def _write_rows(self, profile_ids, rows):
        if self.kind == "affinity":
            self.env["crm.product.affinity"].sudo()._add(self.company_id, rows)
        return super()._write_rows(profile_ids, rows)

    def _compare_rows(self, other):
        compared = super()._compare_rows(other)
        if self.kind != "affinity":
            return compared
        pairs = [
            set(
                zip(
                    rows["product_id"].tolist(),
                    rows["other_product_id"].tolist(),
                    strict=True,
                )
            )
            for run in (self, other)
            if (rows := run.sudo().result_ids._get_all_rows())
        ]
        if len(pairs) < 2:
            return compared
        first, second = pairs
        return [
            *compared,
            (self.env._("Pairs"), len(first), len(second)),
            (
                self.env._("Pairs that the other does not have"),
                len(first - second),
                len(second - first),
            ),
        ]

    def action_open_affinity(self):
        """Open the pairs of the company."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_analytics.crm_product_affinity_action"
        )
        return {**action, "domain": [("company_id", "=", self.company_id.id)]}


def _list_pairs(told, product_ids):
    """Return the strongest pairs of each product as columns; they stand by lift."""
    left = told.left[:, 0]
    order = np.argsort(left, kind="stable")
    first = np.searchsorted(left[order], left[order])
    rank = np.empty(left.size, int)
    rank[order] = np.arange(left.size) - first
    kept = rank < MOST_OF_A_PRODUCT
    return {
        "product_id": product_ids[left[kept]],
        "other_product_id": product_ids[told.right[kept]],
        "order_count": told.baskets[kept],
        "support": told.support[kept],
        "confidence": told.confidence[kept],
        "lift": told.lift[kept],
        "error_rate": told.q_value[kept],
    }

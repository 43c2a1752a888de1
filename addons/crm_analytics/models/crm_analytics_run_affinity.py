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
        if self._is_applied():
            self._write_affinity(told, product_ids)
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
        )

    def _write_affinity(self, told, product_ids):
        seen = np.zeros(product_ids.size, int)
        rows = []
        for place, (left, right) in enumerate(
            zip(told.left[:, 0], told.right, strict=True)
        ):
            seen[left] += 1
            if seen[left] <= MOST_OF_A_PRODUCT:
                rows.append(
                    {
                        "product_id": int(product_ids[left]),
                        "other_product_id": int(product_ids[right]),
                        "order_count": int(told.baskets[place]),
                        "support": float(told.support[place]),
                        "confidence": float(told.confidence[place]),
                        "lift": float(told.lift[place]),
                        "error_rate": float(told.q_value[place]),
                    }
                )
        self.env["crm.product.affinity"].sudo()._replace(self.company_id, rows)

    def action_open_affinity(self):
        """Open the pairs of the company."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_analytics.crm_product_affinity_action"
        )
        return {**action, "domain": [("company_id", "=", self.company_id.id)]}

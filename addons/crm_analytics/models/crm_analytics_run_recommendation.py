from itertools import islice

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..analysis_results import charts
from ..analysis_results.outcome import Outcome
from ..engine import recommendation
from .crm_analytics_run import DAYS_OF_A_MONTH

PER_CUSTOMER = 10
# For those that turn out to be excluded.
SPARE = 5
# Without later purchases to try the methods on, the one that needs the fewest.
UNTRIED_METHOD = "cosine"


class CrmAnalyticsRun(models.Model):
    """Recommendations: the products that each customer is likely to buy next."""

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("recommendation", "Recommendations")],
        ondelete={"recommendation": "cascade"},
    )

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            "hit_at_10": self.env._("Hit rate at 10"),
            "hit_at_5": self.env._("Hit rate at 5"),
            "popularity_at_10": self.env._("Hit rate at 10 of the best sellers"),
            "popularity_at_5": self.env._("Hit rate at 5 of the best sellers"),
            "tried_customers": self.env._("Customers tried on"),
            **{
                f"rivals.{name}": self.env._("Hit rate at 10: %s", label)
                for name, label in self._get_method_labels().items()
            },
        }

    @api.model
    def _get_method_labels(self):
        return {
            "regression": self.env._("Regression of products on each other"),
            "cosine": self.env._("Likeness of products by their customers"),
            "popularity": self.env._("Best sellers"),
        }

    def _analyse_recommendation(self):
        profile_id, product_id, _order_id, day = self._read_products_sold()
        if not profile_id.size:
            return self._say_nothing_to_analyse()
        profile_ids, customer = np.unique(profile_id, return_inverse=True)
        product_ids, item = np.unique(product_id, return_inverse=True)
        size = profile_ids.size, product_ids.size
        quality = self._try_methods(customer, item, day, size)
        method = quality.method if quality else UNTRIED_METHOD
        matrix = recommendation.bought(customer, item, *size)
        told = recommendation.recommend(
            recommendation.learn(matrix, method),
            matrix,
            np.arange(size[0]),
            PER_CUSTOMER + SPARE,
            allowed=self._find_sellable(product_ids),
        )
        if self._is_applied():
            self._write_recommendations(told, profile_ids, product_ids)
        best = np.where(told.item[:, 0] >= 0, product_ids[told.item[:, 0]], np.nan)
        return Outcome(
            self._get_method_labels()[method],
            self._sum_up_recommendation(quality),
            self._get_recommendation_figures(quality),
            self._get_recommendation_charts(quality),
            profile_ids,
            {"next_product_id": best},
        )

    def _try_methods(self, customer, item, day, size):
        """Return how well each method told the last months; nothing if too few bought.

        The horizon of the run, but at most a quarter of the time there is.
        """
        longest = (day.max() - day.min()) / 4
        cutoff = day.max() - min(self.horizon_months * DAYS_OF_A_MONTH, longest)
        try:
            return recommendation.choose(customer, item, day, int(cutoff), *size)
        except recommendation.TooLittleHistory:
            return None

    def _find_sellable(self, product_ids):
        """Return which products can be recommended now, shape (n,)."""
        domain = self.env["res.partner"]._get_recommendable_domain()
        products = self.env["product.product"].with_company(self.company_id)
        products = products.browse(product_ids.tolist()).filtered_domain(domain)
        company = self.company_id
        products = products.filtered(
            lambda p: p.company_id in (company.browse(), company)
        )
        return np.isin(product_ids, products.ids)

    def _write_recommendations(self, told, profile_ids, product_ids):
        profiles = self.env["crm.customer.profile"].browse(profile_ids.tolist())
        partner_ids = [profile.partner_id.id for profile in profiles]
        recommendations = self.env["crm.product.recommendation"]
        excluded = recommendations._get_excluded_products(self.company_id)
        rows = (
            (partner, product, rank, score, because)
            for place, partner in enumerate(partner_ids)
            for rank, (product, score, because) in enumerate(
                islice(
                    _list_products(told, place, product_ids, excluded.get(partner, ())),
                    PER_CUSTOMER,
                ),
                1,
            )
        )
        recommendations._replace(self.company_id, rows)

    def _sum_up_recommendation(self, quality):
        if not quality:
            return self.env._(
                "Too few customers bought something new lately to try it out: the hit "
                "rate is not known."
            )
        return self.env._(
            "Of %(count)s customers who later bought something new to them, %(hits)s "
            "bought one of ten products recommended; %(popular)s if everybody had been "
            "recommended the best sellers.",
            count=quality.customers,
            hits=f"{quality.hit_at_10:.0%}",
            popular=f"{quality.popularity_at_10:.0%}",
        )

    def _get_recommendation_figures(self, quality):
        if not quality:
            return {}
        names = ("hit_at_10", "hit_at_5", "popularity_at_10", "popularity_at_5")
        return {
            **{name: getattr(quality, name) for name in names},
            "tried_customers": quality.customers,
            "rivals": quality.rivals,
        }

    def _get_recommendation_charts(self, quality):
        if not quality:
            return []
        labels = self._get_method_labels()
        rates = [100 * rate for rate in quality.rivals.values()]
        chart = charts.line_chart(
            "hit_rate",
            self.env._("Customers who bought one of ten recommended products (%)"),
            [labels[name] for name in quality.rivals],
            [(self.env._("Hit rate"), rates, False)],
            kind="bar",
        )
        return [chart]

    def action_use_results(self):
        if self.kind == "recommendation":
            raise UserError(
                self.env._(
                    "Recommended products are kept of the last run only: run the "
                    "analysis again."
                )
            )
        return super().action_use_results()

    def action_open_recommendations(self):
        """Open the recommendations of the company."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_analytics.crm_product_recommendation_action"
        )
        return {**action, "domain": [("company_id", "=", self.company_id.id)]}


def _list_products(told, place, product_ids, excluded):
    """Yield product, score and reason of one customer, without those excluded."""
    for item, score, because in zip(
        told.item[place], told.score[place], told.because[place], strict=True
    ):
        if item >= 0 and product_ids[item] not in excluded:
            reason = int(product_ids[because]) if because >= 0 else None
            yield int(product_ids[item]), float(score), reason

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

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
        best = np.where(told.item[:, 0] >= 0, product_ids[told.item[:, 0]], np.nan)
        return Outcome(
            self._get_method_labels()[method],
            self._sum_up_recommendation(quality),
            self._get_recommendation_figures(quality),
            self._get_recommendation_charts(quality),
            profile_ids,
            {"next_product_id": best},
            self._choose_products(told, profile_ids, product_ids),
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

    def _choose_products(self, told, profile_ids, product_ids):
        """Return the best products of each customer, those excluded left out.

        :return: ``product``, ``score`` and ``because`` of shape (n, products), best
            first; 0 where there are no more
        """
        is_told = told.item >= 0
        excluded = self.env["crm.product.recommendation"]._get_excluded_products(
            self.company_id
        )
        if excluded:
            _known, partner_ids = self._read_partner_ids(profile_ids)
            for place, partner in enumerate(partner_ids.tolist()):
                if products := excluded.get(partner):
                    mine = product_ids[told.item[place]]
                    is_told[place] &= ~np.isin(mine, list(products))
        order = np.argsort(~is_told, axis=1, kind="stable")[:, :PER_CUSTOMER]
        is_told, item, score, because = (
            np.take_along_axis(each, order, axis=1)
            for each in (is_told, told.item, told.score, told.because)
        )
        ids = product_ids.astype(np.int32)
        return {
            "product": np.where(is_told, ids[item], 0),
            "score": score.astype(np.float32),
            "because": np.where(is_told & (because >= 0), ids[because], 0),
        }

    def _write_rows(self, profile_ids, rows):
        if self.kind == "recommendation":
            self._write_recommendations(profile_ids, rows)
        return super()._write_rows(profile_ids, rows)

    def _write_recommendations(self, profile_ids, rows):
        is_known, partner_ids = self._read_partner_ids(profile_ids)
        product = rows["product"][is_known]
        customer, place = np.nonzero(product)
        self.env["crm.product.recommendation"].sudo()._replace(
            self.company_id,
            partner_ids,
            partner_ids[customer],
            product[customer, place],
            place + 1,
            rows["score"][is_known][customer, place],
            rows["because"][is_known][customer, place],
        )

    def _clear_rows_of_others(self, parts):
        if self.kind == "recommendation":
            _known, partner_ids = self._read_partner_ids(
                np.array(parts._get_profile_ids(), int)
            )
            recommendations = self.env["crm.product.recommendation"].sudo()
            recommendations._remove_others(self.company_id, partner_ids)
        return super()._clear_rows_of_others(parts)

    def _compare_rows(self, other):
        compared = super()._compare_rows(other)
        if self.kind != "recommendation":
            return compared
        parts = [run.sudo().result_ids.sorted("part") for run in (self, other)]
        ids = [np.array(each._get_profile_ids(), int) for each in parts]
        told = [each._get_all_rows().get("product") for each in parts]
        if any(each is None for each in told):
            return compared
        _both, first, second = np.intersect1d(*ids, return_indices=True)
        before, after = told[0][first], told[1][second]
        is_kept = (before[:, :, None] == after[:, None, :]).any(axis=2) & (before > 0)
        share = is_kept.sum() / max(1, (before > 0).sum())
        label = self.env._("Recommended products that the other has as well")
        return [*compared, (label, "", f"{share:.0%}")]

    def _read_partner_ids(self, profile_ids):
        """Return which of the sorted profiles are still there, and their customers."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id, partner_id FROM crm_customer_profile WHERE id = ANY(%s)"
                " ORDER BY id",
                profile_ids.tolist(),
            )
        )
        there, partner_ids = np.array(rows, int).reshape(len(rows), 2).T
        return np.isin(profile_ids, there), partner_ids

    def _sum_up_recommendation(self, quality):
        if not quality:
            return self.env._(
                "Too few customers bought something new lately to try it out: the hit "
                "rate is not known."
            )
        return self.env._(
            "Of %(count)s customers who later bought something new to them, %(hits_5)s "
            "bought one of the five products recommended first, %(hits_10)s one of "
            "ten; had everybody been recommended the best sellers, %(popular_5)s and "
            "%(popular_10)s.",
            count=f"{quality.customers:,}",
            hits_5=f"{quality.hit_at_5:.0%}",
            hits_10=f"{quality.hit_at_10:.0%}",
            popular_5=f"{quality.popularity_at_5:.0%}",
            popular_10=f"{quality.popularity_at_10:.0%}",
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

    def action_open_recommendations(self):
        """Open the recommendations of the company."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_analytics.crm_product_recommendation_action"
        )
        return {**action, "domain": [("company_id", "=", self.company_id.id)]}

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from odoo.addons.crm_lifecycle.profile_metrics.metric_source import MetricSource

SHOWN_ON_TILE = 3


class CrmCustomerProfile(models.Model):
    """What comes next: the next order and what it may hold."""

    _inherit = "crm.customer.profile"

    next_order_date = fields.Date(
        "Next order predicted", readonly=True, help="Should he order at all."
    )
    next_order_earliest = fields.Date(
        "Next order, earliest",
        readonly=True,
        help="With the latest: four of five next orders come in between.",
    )
    next_order_latest = fields.Date("Next order, latest", readonly=True)
    next_product_id = fields.Many2one(
        "product.product",
        "Recommended product",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The most likely of the products he has not bought.",
    )

    @api.model
    def _get_forecast_field_names(self):
        return [
            "next_order_date",
            "next_order_earliest",
            "next_order_latest",
            "next_product_id",
        ]

    @api.model
    def _get_score_field_names(self):
        return [*super()._get_score_field_names(), *self._get_forecast_field_names()]

    def _clear_scores(self):
        result = super()._clear_scores()
        self.env["crm.product.recommendation"].sudo().search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        ).unlink()
        return result

    def _get_figure_origins(self):
        return [
            *super()._get_figure_origins(),
            MetricSource(
                "analytics_forecast",
                tuple(self._get_forecast_field_names()),
                SQL(),
                self.env._("Analyses of order dates and products"),
                self.env._("As of the day on which the analyses were last run."),
            ),
        ]

    def _get_360_tiles(self):
        tiles = super()._get_360_tiles()
        if not self._is_analysed():
            return tiles
        if self.next_order_date:
            tiles.append(self._get_next_order_tile())
        recommended = self._get_recommendations(SHOWN_ON_TILE)
        if recommended:
            tiles.append(self._get_recommendation_tile(recommended))
        return tiles

    def _get_360_next_actions(self):
        advice = super()._get_360_next_actions()
        if not self._is_analysed() or not self.env["sale.order"].has_access("create"):
            return advice
        for recommendation in self._get_recommendations(1):
            advice.append(
                {
                    "key": "recommendation",
                    "label": self.env._(
                        "Offer %s", recommendation.product_id.display_name
                    ),
                    "reason": recommendation.reason,
                    "priority": 30,
                    "icon": "fa-lightbulb-o",
                    "action": self._get_new_document_action(
                        "sale.order", default_partner_id=self.partner_id.id
                    ),
                }
            )
        return advice

    def _get_recommendations(self, limit):
        """Return the best recommendations that can be sold now."""
        recommendations = self.env["crm.product.recommendation"].sudo()
        recommendations = recommendations.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        return recommendations._filter_sellable(self.company_id)[:limit]

    def _get_next_order_tile(self):
        return self._prepare_tile(
            "next_order",
            self.env._("Next order (predicted)"),
            format_date(self.env, self.next_order_date),
            "fa-calendar-check-o",
            82,
            detail=self.env._(
                "%(earliest)s to %(latest)s",
                earliest=format_date(self.env, self.next_order_earliest),
                latest=format_date(self.env, self.next_order_latest),
            ),
            hint=self.env._(
                "Should he order at all: four of five orders come in this time."
            ),
        )

    def _get_recommendation_tile(self, recommended):
        first, *others = recommended
        return self._prepare_tile(
            "recommendation",
            self.env._("Recommended"),
            first.product_id.display_name,
            "fa-lightbulb-o",
            84,
            detail=", ".join(each.product_id.display_name for each in others),
            hint=first.reason,
        )

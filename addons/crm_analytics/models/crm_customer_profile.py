from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_lifecycle.profile_metrics.metric_source import MetricSource

RFM_CELLS = [
    ("champions", "Champions"),
    ("loyal", "Loyal"),
    ("potential", "Potential loyalists"),
    ("new", "New"),
    ("attention", "Need attention"),
    ("cannot_lose", "Cannot lose them"),
    ("at_risk", "At risk"),
    ("hibernating", "Hibernating"),
]
# They are computed from all orders: as telling as the orders themselves.
PREDICTIONS = frozenset(
    {
        "clv",
        "clv_low",
        "clv_high",
        "expected_orders",
        "probability_alive",
        "churn_probability",
        "churn_risk",
    }
)

CHURN_RISKS = [("low", "Low"), ("medium", "Medium"), ("high", "High")]


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    rfm_recency_score = fields.Integer(
        "Recency", readonly=True, aggregator="avg", help="5: the latest fifth to order."
    )
    rfm_frequency_score = fields.Integer(
        "Frequency", readonly=True, aggregator="avg", help="5: the most orders."
    )
    rfm_monetary_score = fields.Integer(
        "Monetary", readonly=True, aggregator="avg", help="5: the highest revenue."
    )
    rfm_segment = fields.Selection(
        RFM_CELLS, "RFM segment", readonly=True, index="btree_not_null"
    )
    clv = fields.Monetary(
        "Lifetime value",
        readonly=True,
        help="Margin expected within the horizon of the analysis (twelve months unless "
        "changed), discounted to today.",
    )
    clv_low = fields.Monetary(
        "Lifetime value, at least",
        readonly=True,
        aggregator=None,
        help="One customer in ten brings less. Zero where more than one in ten such "
        "customers order nothing.",
    )
    clv_high = fields.Monetary(
        "Lifetime value, at most",
        readonly=True,
        aggregator=None,
        help="One customer in ten brings more.",
    )
    expected_orders = fields.Float(
        readonly=True, help="Expected within the horizon of the analysis."
    )
    probability_alive = fields.Float(
        readonly=True, aggregator="avg", help="That the customer still is one."
    )
    churn_probability = fields.Float(
        readonly=True,
        aggregator="avg",
        help="That the customer orders nothing within the horizon of the analysis.",
    )
    churn_risk = fields.Selection(
        CHURN_RISKS,
        readonly=True,
        index="btree_not_null",
        help="Low below one third, high above two thirds.",
    )
    analytics_date = fields.Datetime("Analysed on", readonly=True)

    @api.model
    def _get_score_field_names(self):
        return [
            *super()._get_score_field_names(),
            "rfm_recency_score",
            "rfm_frequency_score",
            "rfm_monetary_score",
            "rfm_segment",
            "clv",
            "clv_low",
            "clv_high",
            "expected_orders",
            "probability_alive",
            "churn_probability",
            "churn_risk",
            "analytics_date",
        ]

    @api.model
    def _get_order_figures(self):
        return super()._get_order_figures() | PREDICTIONS

    @api.model
    def _get_figure_groups(self):
        return (*super()._get_figure_groups(), "crm_analytics.crm_analytics_group_user")

    def _get_figure_origins(self):
        scores = ("rfm_recency_score", "rfm_frequency_score", "rfm_monetary_score")
        values = (
            "clv",
            "clv_low",
            "clv_high",
            "value_class",
            "expected_orders",
            "probability_alive",
        )
        churn = ("churn_probability", "churn_risk")
        return [
            *super()._get_figure_origins(),
            MetricSource(
                "analytics",
                (*scores, "rfm_segment", *values, *churn),
                SQL(),
                self.env._("Analyses of the order history"),
                self.env._("As of the day on which the analyses were last run."),
            ),
        ]

    # ------------------------------------------------------------
    # 360 view
    # ------------------------------------------------------------

    def _get_360_tiles(self):
        tiles = super()._get_360_tiles()
        if self.rfm_segment:
            tiles.append(self._get_rfm_tile())
        if self._is_analysed():
            tiles += [self._get_value_tile(), self._get_churn_tile()]
        return tiles

    def _get_360_next_actions(self):
        advice = super()._get_360_next_actions()
        full = self._get_full()
        if self._is_analysed() and full.churn_risk == "high":
            advice.append(
                {
                    "key": "churn",
                    "label": self.env._("Win back: offer a reason to stay"),
                    "reason": self.env._(
                        "Predicted with %(risk)s not to order again, worth %(value)s",
                        risk=f"{full.churn_probability:.0%}",
                        value=self._format_amount(full.clv),
                    ),
                    "priority": 70,
                    "icon": "fa-heartbeat",
                    "action": self._get_call_action(),
                }
            )
        return advice

    def _is_analysed(self):
        """Say whether there are predictions, for who may see all they come from."""
        full = self._get_full()
        return bool(full.analytics_date and full.order_count)

    def _get_rfm_tile(self):
        return self._prepare_tile(
            "rfm",
            self.env._("RFM segment"),
            self._get_label("rfm_segment"),
            "fa-th",
            65,
            detail=self.env._(
                "scores %(recency)s-%(frequency)s-%(monetary)s of 5",
                recency=self.rfm_recency_score,
                frequency=self.rfm_frequency_score,
                monetary=self.rfm_monetary_score,
            ),
            hint=self.env._(
                "Among all customers: how lately, how often and for how much he has "
                "ordered. Not the lifecycle stage, which counts days, nor the churn "
                "risk, which is predicted."
            ),
        )

    def _get_value_tile(self):
        full = self._get_full()
        return self._prepare_tile(
            "clv",
            self.env._("Lifetime value"),
            self._format_amount(full.clv),
            "fa-diamond",
            70,
            detail=self._say_value_interval(),
            hint=self._fields["clv"].get_description(self.env)["help"],
        )

    def _say_value_interval(self):
        full = self._get_full()
        orders = f"{full.expected_orders:.1f}"
        if not full.clv_high:
            return self.env._("%(orders)s orders expected", orders=orders)
        return self.env._(
            "%(orders)s orders expected; 80 %% sure between %(low)s and %(high)s",
            orders=orders,
            low=self._format_amount(full.clv_low),
            high=self._format_amount(full.clv_high),
        )

    def _get_churn_tile(self):
        full = self._get_full()
        tone = {"low": "success", "medium": "warning", "high": "danger"}
        return self._prepare_tile(
            "churn",
            self.env._("Churn risk (predicted)"),
            f"{full.churn_probability:.0%}",
            "fa-heartbeat",
            80,
            detail=full._get_label("churn_risk"),
            tone=tone.get(full.churn_risk, ""),
            hint=self._fields["churn_probability"].get_description(self.env)["help"],
        )

    def _get_label(self, field_name):
        field = self._fields[field_name]
        return dict(field._description_selection(self.env)).get(self[field_name], "")

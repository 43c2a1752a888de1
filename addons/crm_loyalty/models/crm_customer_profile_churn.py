from odoo import api, fields, models
from odoo.tools import SQL, format_date

from odoo.addons.crm_lifecycle.profile_metrics.metric_source import MetricSource


class CrmCustomerProfileChurn(models.Model):
    """Whether somebody has been warned that the customer is leaving."""

    _inherit = "crm.customer.profile"

    churn_alert_count = fields.Integer(
        "Open Churn Alerts",
        readonly=True,
        help="Warnings that the customer is leaving, on which somebody is to act.",
    )
    churn_alert_id = fields.Many2one(
        "crm.churn.alert", compute="_compute_churn_alert_id", compute_sudo=False
    )

    @api.model
    def _get_metric_sources(self, customers):
        query = SQL(
            """
            SELECT alert.partner_id, alert.company_id, count(*)
              FROM crm_churn_alert alert
             WHERE alert.date_closed IS NULL AND alert.is_holdout IS NOT TRUE
               AND %s
             GROUP BY alert.partner_id, alert.company_id
            """,
            customers.include(SQL.identifier("alert", "partner_id")),
        )
        return [
            *super()._get_metric_sources(customers),
            MetricSource(
                "churn_alerts",
                ("churn_alert_count",),
                query,
                self.env._("Churn alerts"),
                self.env._("Those of the hold-out are not counted."),
            ),
        ]

    @api.model
    def _profiling_decided(self, partners):
        """Who objects to profiling is not on any list of ours any more."""
        result = super()._profiling_decided(partners)
        refused = partners - self._filter_profiled(partners)
        self.env["crm.churn.alert"].sudo().search(
            [("partner_id", "in", refused.ids)]
        ).unlink()
        return result

    # ------------------------------------------------------------
    # 360 view
    # ------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_churn_alert_id(self):
        """The open alert with most at stake that the user may see."""
        alerts = self.env["crm.churn.alert"]
        by_customer = {}
        if alerts.has_access("read"):
            found = alerts.search(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                    ("state", "in", ("open", "acted_on")),
                    ("is_replay", "=", False),
                ]
            )
            for alert in found:
                key = (alert.partner_id, alert.company_id)
                by_customer.setdefault(key, alert)
        for profile in self:
            key = (profile.partner_id, profile.company_id)
            profile.churn_alert_id = by_customer.get(key, alerts)

    def action_open_churn_alerts(self):
        """Open the alerts of this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_loyalty.crm_churn_alert_action"
        )
        action["domain"] = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        action["context"] = {}
        return action

    def _get_360_tiles(self):
        tiles = super()._get_360_tiles()
        if alert := self.churn_alert_id:
            tiles.append(
                self._prepare_tile(
                    "churn_alert",
                    self.env._("Margin at stake"),
                    self._format_amount(alert.margin_at_stake),
                    "fa-life-ring",
                    65,
                    detail=alert.reasons.split("\n")[0],
                    hint=alert.stake_note,
                    tone="danger",
                    action=self._get_form_action(alert),
                )
            )
        return tiles

    def _get_360_warnings(self):
        warnings = super()._get_360_warnings()
        if alert := self.churn_alert_id:
            warnings.append(
                {
                    "key": "churn_alert",
                    "label": self.env._("May be leaving"),
                    "tone": "danger",
                    "hint": alert.reasons,
                }
            )
        return warnings

    def _get_360_next_actions(self):
        advice = super()._get_360_next_actions()
        alert = self.churn_alert_id
        if alert.state == "open":
            advice.append(
                {
                    "key": "churn_alert",
                    "label": self.env._(
                        "Keep the customer, by %(day)s",
                        day=format_date(self.env, alert.date_due),
                    ),
                    "reason": alert.reasons.replace("\n", ". "),
                    "priority": 75,
                    "icon": "fa-life-ring",
                    "action": self._get_form_action(alert),
                }
            )
        return advice

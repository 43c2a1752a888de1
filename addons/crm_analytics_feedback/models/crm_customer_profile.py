from odoo import api, fields, models
from odoo.tools import SQL, format_date

from odoo.addons.crm_analytics.models.crm_customer_profile import CHURN_RISKS
from odoo.addons.crm_lifecycle.profile_metrics.metric_source import MetricSource


class CrmCustomerProfile(models.Model):
    """Customers under service contract: whether they will renew it."""

    _inherit = "crm.customer.profile"

    contract_end_date = fields.Date(
        "Contract ends",
        readonly=True,
        help="The service contract, or the last of many.",
    )
    contract_renewals = fields.Integer(
        "Renewals so far",
        readonly=True,
        aggregator="avg",
        help="How often the service contract was renewed without a gap.",
    )
    contract_churn_probability = fields.Float(
        "Will not renew",
        readonly=True,
        aggregator="avg",
        help="Chance that the service contract is not renewed the next time, given how "
        "often it was.",
    )
    contract_churn_risk = fields.Selection(
        CHURN_RISKS,
        "Renewal risk",
        readonly=True,
        index="btree_not_null",
        help="That the contract is not renewed: low below 10 %, high above 25 %.",
    )
    contract_churn_words = fields.Char(
        "Renewal in words", compute="_compute_contract_churn_words"
    )

    @api.depends("contract_end_date", "contract_renewals", "contract_churn_probability")
    @api.depends_context("lang")
    def _compute_contract_churn_words(self):
        for profile in self:
            profile.contract_churn_words = (
                profile.contract_end_date and profile._say_contract_churn()
            )

    def _say_contract_churn(self):
        values = {
            "count": self.contract_renewals,
            "end": format_date(self.env, self.contract_end_date),
            "chance": f"{self.contract_churn_probability:.0%}",
        }
        if not self.contract_renewals:
            return self.env._(
                "His first contract, until %(end)s: of such customers %(chance)s do "
                "not renew.",
                **values,
            )
        return self.env._(
            "Under contract until %(end)s, renewals so far: %(count)s. Of such "
            "customers %(chance)s do not renew.",
            **values,
        )

    @api.model
    def _get_contract_field_names(self):
        return [
            "contract_end_date",
            "contract_renewals",
            "contract_churn_probability",
            "contract_churn_risk",
        ]

    @api.model
    def _get_score_field_names(self):
        return [*super()._get_score_field_names(), *self._get_contract_field_names()]

    def _get_figure_origins(self):
        return [
            *super()._get_figure_origins(),
            MetricSource(
                "contract_renewals",
                tuple(self._get_contract_field_names()),
                SQL(),
                self.env._("Service contracts"),
                self.env._(
                    "Learned from the renewals of all customers, as of the day on "
                    "which the analyses were last run."
                ),
            ),
        ]

    def _get_360_tiles(self):
        tiles = super()._get_360_tiles()
        if self.contract_end_date:
            tiles.append(self._get_contract_tile())
        return tiles

    def _get_contract_tile(self):
        tone = {"low": "success", "medium": "warning", "high": "danger"}
        return self._prepare_tile(
            "contract_churn",
            self.env._("Will not renew (predicted)"),
            f"{self.contract_churn_probability:.0%}",
            "fa-file-text-o",
            81,
            detail=self.env._(
                "contract ends %s", format_date(self.env, self.contract_end_date)
            ),
            tone=tone.get(self.contract_churn_risk, ""),
            hint=self.contract_churn_words,
        )

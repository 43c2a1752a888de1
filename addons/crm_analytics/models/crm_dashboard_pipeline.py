from odoo import api, models

ALL_LEADS_GROUP = "sales_team.group_sale_salesman_all_leads"


class CrmDashboard(models.AbstractModel):
    """The board of sales: what the pipeline is expected to bring."""

    _inherit = "crm.dashboard"

    @api.model
    def _get_sales_tiles(self, scope):
        tiles = super()._get_sales_tiles(scope)
        # It is told of the opportunities of all.
        if self.env.user.has_group(ALL_LEADS_GROUP) and len(scope.company_ids) == 1:
            tiles += self._get_pipeline_forecast_tiles(scope)
        return tiles

    @api.model
    def _get_pipeline_forecast_tiles(self, scope):
        run = self.env["crm.analytics.run"].sudo()
        run = run.search(
            [
                ("kind", "=", "pipeline"),
                ("state", "=", "done"),
                ("is_trial", "=", False),
                ("company_id", "in", list(scope.company_ids)),
            ],
            limit=1,
        )
        figures = (run.quality or {}).get("pipeline")
        if not figures:
            return []
        return [
            self._prepare_tile(
                "pipeline_forecast",
                self.env._("To be won in %s days", run.pipeline_days),
                self._format_amount(figures["expected"]),
                "fa-line-chart",
                15,
                detail=self.env._(
                    "%(low)s to %(high)s, four times of five",
                    low=self._format_amount(figures["low"]),
                    high=self._format_amount(figures["high"]),
                ),
                domain=self._get_pipeline_domain(scope),
                model="crm.lead",
            )
        ]

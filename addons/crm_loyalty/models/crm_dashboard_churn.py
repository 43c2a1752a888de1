from odoo import api, models


class CrmDashboardChurn(models.AbstractModel):
    """Churn warnings on the board of loyalty."""

    _inherit = "crm.dashboard"

    @api.model
    def _get_tiles(self, scope):
        tiles = super()._get_tiles(scope)
        if scope.board == "loyalty" and self.env["crm.churn.alert"].has_access("read"):
            tiles += self._get_churn_tiles(scope)
        return tiles

    @api.model
    def _get_open_alert_domain(self, scope):
        return [
            ("state", "in", ("open", "acted_on")),
            ("is_replay", "=", False),
            *scope.of_companies(),
        ]

    @api.model
    def _get_churn_tiles(self, scope):
        domain = self._get_open_alert_domain(scope)
        alerts = self.env["crm.churn.alert"]
        [(count, stake)] = alerts._read_group(
            domain, [], ["__count", "margin_at_stake:sum"]
        )
        untouched = alerts.search_count([*domain, ("state", "=", "open")])
        tiles = [
            self._prepare_tile(
                "churn_alerts",
                self.env._("Open churn alerts"),
                self._format_count(count),
                "fa-life-ring",
                50,
                detail=self.env._(
                    "%s nobody has acted on yet", self._format_count(untouched)
                )
                if untouched
                else "",
                tone="warning" if untouched else "",
                domain=domain,
                model="crm.churn.alert",
            ),
            self._prepare_tile(
                "churn_stake",
                self.env._("Margin at stake"),
                self._format_amount(stake),
                "fa-balance-scale",
                60,
                domain=domain,
                model="crm.churn.alert",
            ),
        ]
        return tiles + self._get_saved_tiles(scope)

    @api.model
    def _get_saved_tiles(self, scope):
        """Return what the warnings that are on saved, for who sees the warnings."""
        warnings = self.env["crm.churn.warning"]
        if not warnings.has_access("read"):
            return []
        domain = [("state", "!=", "replay"), *scope.of_companies()]
        judged = warnings.search(domain).filtered(
            lambda warning: warning.verdict != "too_few"
        )
        labels = dict(warnings._fields["verdict"]._description_selection(self.env))
        verdicts = {labels[warning.verdict] for warning in judged}
        value = self._format_amount(sum(judged.mapped("saved_margin")))
        return [
            self._prepare_tile(
                "churn_saved",
                self.env._("Saved margin"),
                value if judged else "–",
                "fa-shield",
                70,
                detail=", ".join(sorted(verdicts))
                if judged
                else self.env._("Too few to tell yet"),
                domain=domain,
                model="crm.churn.warning",
            )
        ]

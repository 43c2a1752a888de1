from odoo import api, models


class CrmDashboard(models.AbstractModel):
    """The board of sales: pipeline, won and lost, orders, targets of the teams."""

    _inherit = "crm.dashboard"

    @api.model
    def _get_boards(self):
        boards = super()._get_boards()
        if self.env["crm.lead"].has_access("read"):
            boards.append(("sales", self.env._("Sales"), 10))
        return boards

    @api.model
    def _get_tiles(self, scope):
        tiles = super()._get_tiles(scope)
        if scope.board == "sales":
            tiles += self._get_sales_tiles(scope)
        return tiles

    @api.model
    def _get_sales_tiles(self, scope):
        leads = self.env["crm.lead"].with_context(active_test=False)
        open_domain = self._get_pipeline_domain(scope)
        [(count, expected, prorated)] = leads._read_group(
            open_domain,
            [],
            ["__count", "expected_revenue:sum", "prorated_revenue:sum"],
        )
        closed = self._get_closed_domain(scope)
        by_status = {
            status: (int(number), amount)
            for status, number, amount in self.env["crm.lead.closed.summary"]
            .with_context(active_test=False)
            ._read_days(
                [*self._get_opportunity_domain(scope)],
                ["won_status"],
                ["document_count", "expected_revenue"],
                scope.date_from,
                scope.date_to,
            )
        }
        won, won_amount = by_status.get("won", (0, 0))
        lost = by_status.get("lost", (0, 0))[0]
        return [
            self._prepare_tile(
                "pipeline",
                self.env._("Open pipeline"),
                self._format_amount(expected),
                "fa-filter",
                10,
                detail=self.env._(
                    "%(count)s opportunities, %(sum)s by probability",
                    count=self._format_count(count),
                    sum=self._format_amount(prorated),
                ),
                domain=open_domain,
                model="crm.lead",
            ),
            self._prepare_tile(
                "won",
                self.env._("Won"),
                self._format_amount(won_amount),
                "fa-trophy",
                20,
                detail=self.env._("%s opportunities", self._format_count(won)),
                tone="success" if won else "",
                domain=[*closed, ("won_status", "=", "won")],
                model="crm.lead",
            ),
            self._prepare_tile(
                "win_rate",
                self.env._("Win rate"),
                self._format_share(won, won + lost),
                "fa-percent",
                30,
                detail=self.env._(
                    "%(won)s won, %(lost)s lost",
                    won=self._format_count(won),
                    lost=self._format_count(lost),
                ),
                domain=[
                    *closed,
                    ("won_status", "in", ("won", "lost")),
                    ("active", "in", (True, False)),
                ],
                model="crm.lead",
            ),
            *self._get_order_tiles(scope),
        ]

    @api.model
    def _get_order_tiles(self, scope):
        orders = self.env["sale.order"]
        if not orders.has_access("read"):
            return []
        [(count, amount)] = self.env["crm.order.summary"]._read_days(
            scope.of_companies(),
            [],
            ["document_count", "revenue"],
            scope.date_from,
            scope.date_to,
        )
        domain = [
            ("state", "=", "sale"),
            *scope.within("date_order"),
            *scope.of_companies(),
        ]
        return [
            self._prepare_tile(
                "orders",
                self.env._("Orders"),
                self._format_amount(amount),
                "fa-shopping-cart",
                40,
                detail=self.env._("%s orders", self._format_count(count)),
                domain=domain,
                model="sale.order",
            )
        ]

    @api.model
    def _get_opportunity_domain(self, scope):
        return [
            ("type", "=", "opportunity"),
            ("company_id", "in", [*scope.company_ids, False]),
        ]

    @api.model
    def _get_pipeline_domain(self, scope):
        return [*self._get_opportunity_domain(scope), ("won_status", "=", "pending")]

    @api.model
    def _get_closed_domain(self, scope):
        return [*self._get_opportunity_domain(scope), *scope.within("date_closed")]

    @api.model
    def _get_charts(self, scope):
        charts = super()._get_charts(scope)
        if scope.board == "sales":
            pipeline = self._get_pipeline_domain(scope)
            opportunities = self._get_opportunity_domain(scope)
            charts += [
                self._get_revenue_chart(scope, 10),
                self._get_group_chart(
                    "stages",
                    self.env._("Open pipeline by stage"),
                    20,
                    "crm.lead",
                    pipeline,
                    "stage_id",
                    "expected_revenue:sum",
                    is_ranked=False,
                ),
                self._get_waterfall_chart(scope),
                self._get_summary_group_chart(
                    "sellers",
                    self.env._("Won by salesperson"),
                    40,
                    "crm.lead.closed.summary",
                    [*opportunities, ("won_status", "=", "won")],
                    scope,
                    "user_id",
                    "expected_revenue",
                ),
                self._get_team_target_chart(scope),
                self._get_summary_group_chart(
                    "lost_reasons",
                    self.env._("Lost, by reason"),
                    60,
                    "crm.lead.closed.summary",
                    [
                        *opportunities,
                        ("won_status", "=", "lost"),
                        ("active", "in", (True, False)),
                    ],
                    scope,
                    "lost_reason_id",
                    kind="doughnut",
                ),
            ]
        return charts

    @api.model
    def _get_waterfall_chart(self, scope):
        """Return how the pipeline went from its sum at the start to that at the end."""
        parts = self.env["crm.lead"]._get_pipeline_changes(
            scope.date_from, scope.date_to, scope.company_ids
        )
        labels = {
            "opening": self.env._("At the start"),
            "new": self.env._("New"),
            "up": self.env._("Amount up"),
            "down": self.env._("Amount down"),
            "won": self.env._("Won"),
            "lost": self.env._("Lost"),
            "closing": self.env._("At the end"),
        }
        tones = {"new": "success", "up": "success", "won": "primary"}
        documents = self._get_waterfall_documents(scope)
        bars, level = [], 0
        for key, label in labels.items():
            amount = parts[key]
            is_sum = key in ("opening", "closing")
            start = 0 if is_sum else level
            level = amount if is_sum else level + amount
            model, domain = documents[key]
            bars.append(
                {
                    "label": label,
                    "value": amount,
                    "range": [start, level],
                    "domain": domain,
                    "model": model,
                    "tone": tones.get(key, "" if is_sum else "danger"),
                }
            )
        return self._prepare_chart(
            "waterfall",
            self.env._("What changed in the pipeline"),
            bars,
            30,
            "crm.lead",
        )

    @api.model
    def _get_waterfall_documents(self, scope):
        """Return model and domain of the documents behind each bar."""
        first, last = str(scope.date_from), str(scope.date_to)
        all_of_them = [
            *self._get_opportunity_domain(scope),
            ("active", "in", (True, False)),
        ]
        still_open = ["|", ("date_closed", "=", False)]
        closed = [*all_of_them, *scope.within("date_closed")]
        changes = [
            *scope.within("date"),
            ("company_id", "in", [*scope.company_ids, False]),
        ]
        return {
            "opening": (
                "crm.lead",
                [
                    *all_of_them,
                    ("create_date", "<", first),
                    *still_open,
                    ("date_closed", ">=", first),
                ],
            ),
            "new": ("crm.lead", [*all_of_them, *scope.within("create_date")]),
            "up": ("crm.lead.amount.change", [*changes, ("change", ">", 0)]),
            "down": ("crm.lead.amount.change", [*changes, ("change", "<", 0)]),
            "won": ("crm.lead", [*closed, ("won_status", "=", "won")]),
            "lost": ("crm.lead", [*closed, ("won_status", "!=", "won")]),
            "closing": (
                "crm.lead",
                [
                    *all_of_them,
                    ("create_date", "<=", last),
                    *still_open,
                    ("date_closed", ">", last),
                ],
            ),
        }

    @api.model
    def _get_team_target_chart(self, scope):
        """Return what each team invoiced this month, in % of its target."""
        teams = self.env["crm.team"].search(
            [
                ("invoiced_target", ">", 0),
                ("company_id", "in", [*scope.company_ids, False]),
            ]
        )
        bars = [
            {
                "label": team.name,
                "value": round(100 * team.invoiced / team.invoiced_target),
                "tone": "success"
                if team.invoiced >= team.invoiced_target
                else "warning",
                "domain": [("id", "=", team.id)],
            }
            for team in teams
        ]
        title = self.env._("Invoiced this month, in per cent of the team's target")
        return self._prepare_chart(
            "team_targets", title, bars, 50, "crm.team", target=100
        )

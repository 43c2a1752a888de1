from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.crm_lifecycle.models.crm_dashboard import DashboardScope

RISK_TONES = {"low": "success", "medium": "warning", "high": "danger"}
LIGHT_TONES = {"green": "success", "amber": "warning", "red": "danger"}


class CrmDashboard(models.AbstractModel):
    """The dashboard as it is opened, and the board of the management.

    Figures of all customers come from the summary of the month, which the analyses
    write; record rules cut it as they cut the customers.
    """

    _inherit = "crm.dashboard"

    @api.model
    @api.readonly
    def get_boards(self):
        """Return the boards and companies that the user may choose from."""
        boards = sorted(self._get_boards(), key=lambda board: board[2])
        return {
            "boards": [{"key": key, "label": label} for key, label, _place in boards],
            "companies": self.env.companies.read(["name"]),
        }

    @api.model
    @api.readonly
    def get_dashboard(
        self,
        board="management",
        months=12,
        date_from=False,
        date_to=False,
        company=False,
    ):
        """Return what a board shows, with the rights of the user.

        :param str board: key of the board
        :param int months: how far back it goes, without ``date_from``
        :param date_from: first day
        :param date_to: last day; today by default
        :param int company: one of the user's companies; all that are ticked by default
        :return: ``tiles`` and ``charts``; each bar of a chart has the domain of the
            documents behind it
        :rtype: dict
        :raise AccessError: the user may not open this board
        """
        if board not in {key for key, _label, _place in self._get_boards()}:
            self.env["crm.analytics.run"].check_access("read")
            return {"tiles": [], "charts": []}
        scope = self._get_scope(board, months, date_from, date_to, company)
        tiles = self._get_tiles(scope)
        charts = [
            chart
            for chart in self._get_charts(scope)
            if not chart["model"] or self.env[chart["model"]].has_access("read")
        ]
        return {
            "tiles": sorted(tiles, key=lambda tile: tile["sequence"]),
            "charts": sorted(charts, key=lambda chart: chart["sequence"]),
            "date_from": str(scope.date_from),
            "date_to": str(scope.date_to),
        }

    @api.model
    def _get_scope(self, board, months, date_from, date_to, company):
        last = fields.Date.to_date(date_to) or fields.Date.context_today(self)
        first = last.replace(day=1) - relativedelta(months=months - 1)
        companies = self.env.companies
        if company:
            companies = companies.filtered(lambda each: each.id == company)
        return DashboardScope(
            board, fields.Date.to_date(date_from) or first, last, companies.ids
        )

    @api.model
    def _get_boards(self):
        boards = super()._get_boards()
        if self.env["crm.analytics.run"].has_access("read"):
            boards.append(("management", self.env._("Management"), 50))
        return boards

    # ------------------------------------------------------------
    # Management
    # ------------------------------------------------------------

    @api.model
    def _get_tiles(self, scope):
        tiles = super()._get_tiles(scope)
        if scope.board == "management":
            tiles += self._get_customer_tiles(scope)
        return tiles

    @api.model
    def _get_charts(self, scope):
        charts = super()._get_charts(scope)
        if scope.board == "management":
            charts += [
                self._get_revenue_chart(scope, 10),
                self._get_summary_chart(
                    scope, "lifecycle_stage", self.env._("Customers by stage"), 20
                ),
                self._get_kpi_chart(scope),
                self._get_risk_chart(scope),
            ]
        return charts

    @api.model
    def _get_summary_domain(self, scope, month=None):
        """Return the domain of the summary of a month, by default the newest."""
        summary = self.env["crm.customer.summary"]
        domain = scope.of_companies()
        if not month:
            month = summary.search(domain, limit=1).month
        return [*domain, ("month", "=", month)]

    @api.model
    def _get_totals(self, scope):
        """Return the sums over all customers, in one query."""
        names = ("buyer_count", "repeat_count", "revenue_12m", "clv", "value_at_risk")
        [sums] = self.env["crm.customer.summary"]._read_group(
            self._get_summary_domain(scope), [], [f"{name}:sum" for name in names]
        )
        return dict(zip(names, (figure or 0 for figure in sums), strict=True))

    @api.model
    def _get_customer_tiles(self, scope):
        totals = self._get_totals(scope)
        of_companies = scope.of_companies()
        return [
            self._prepare_tile(
                "customers",
                self.env._("Customers"),
                self._format_count(totals["buyer_count"]),
                "fa-users",
                10,
                domain=[("order_count", ">", 0), *of_companies],
            ),
            self._prepare_tile(
                "revenue",
                self.env._("Revenue 12 months"),
                self._format_amount(totals["revenue_12m"]),
                "fa-line-chart",
                20,
                domain=[("revenue_12m", ">", 0), *of_companies],
            ),
            self._prepare_tile(
                "repeat",
                self.env._("Bought again"),
                self._format_share(totals["repeat_count"], totals["buyer_count"]),
                "fa-refresh",
                30,
                domain=[("order_count", ">", 1), *of_companies],
            ),
            self._prepare_tile(
                "clv",
                self.env._("Customer equity"),
                self._format_amount(totals["clv"]),
                "fa-diamond",
                40,
                detail=self.env._("value expected of all customers"),
                domain=[("clv", ">", 0), *of_companies],
            ),
            self._prepare_tile(
                "value_at_risk",
                self.env._("Value at risk"),
                self._format_amount(totals["value_at_risk"]),
                "fa-heartbeat",
                50,
                detail=self.env._("value times risk to leave"),
                tone="danger" if totals["value_at_risk"] else "",
                domain=[
                    ("clv", ">", 0),
                    ("churn_probability", ">", 0),
                    *of_companies,
                ],
            ),
        ]

    @api.model
    def _get_revenue_chart(self, scope, sequence):
        """Confirmed orders of each month, read with the user's rights on orders."""
        return self._get_summary_group_chart(
            "revenue",
            self.env._("Revenue by month"),
            sequence,
            "crm.order.summary",
            scope.of_companies(),
            scope,
            "date_order",
            "revenue",
        )

    @api.model
    def _get_summary_chart(
        self, scope, name, title, sequence, measure="customer_count", kind="bar"
    ):
        """Return a chart of the customers by a selection field of theirs."""
        rows = self.env["crm.customer.summary"]._read_group(
            [*self._get_summary_domain(scope), (name, "!=", False)],
            [name],
            [f"{measure}:sum"],
        )
        value_by_key = dict(rows)
        field = self.env["crm.customer.profile"]._fields[name]
        bars = [
            {
                "label": label,
                "value": value_by_key[key] or 0,
                "domain": [(name, "=", key), *scope.of_companies()],
            }
            for key, label in field._description_selection(self.env)
            if key in value_by_key
        ]
        return self._prepare_chart(
            name, title, bars, sequence, "crm.customer.profile", kind
        )

    @api.model
    def _get_risk_chart(self, scope):
        title = self.env._("Lifetime value by churn risk")
        chart = self._get_summary_chart(
            scope, "churn_risk", title, 40, "clv", "doughnut"
        )
        for bar in chart["bars"]:
            bar["tone"] = RISK_TONES[bar["domain"][0][2]]
        return chart

    @api.model
    def _get_kpi_chart(self, scope):
        """Return the KPIs in per cent of their targets, in the colour of the light."""
        kpis = self.env["crm.kpi"].search_fetch(
            [("parent_id", "=", False), ("light", "!=", False), *scope.of_companies()],
            ["name", "actual", "current_target", "light"],
            limit=20,
        )
        bars = [
            {
                "label": kpi.name,
                "value": round(100 * kpi.actual / kpi.current_target)
                if kpi.current_target
                else 0,
                "tone": LIGHT_TONES.get(kpi.light),
                "domain": [("id", "=", kpi.id)],
            }
            for kpi in kpis
        ]
        title = self.env._("KPIs: actual in per cent of the target")
        return self._prepare_chart("kpis", title, bars, 30, "crm.kpi", target=100)

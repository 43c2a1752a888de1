from odoo import api, models


class CrmDashboard(models.AbstractModel):
    """The board of loyalty: members, points awarded and spent, tiers."""

    _inherit = "crm.dashboard"

    @api.model
    def _get_boards(self):
        boards = super()._get_boards()
        if self.env["loyalty.points.entry"].has_access("read"):
            boards.append(("loyalty", self.env._("Loyalty"), 40))
        return boards

    @api.model
    def _get_tiles(self, scope):
        tiles = super()._get_tiles(scope)
        if scope.board == "loyalty":
            tiles += self._get_member_tiles(scope)
        return tiles

    @api.model
    def _get_member_domain(self, scope):
        return [
            ("program_id.program_type", "=", "loyalty"),
            ("partner_id", "!=", False),
            ("company_id", "in", [*scope.company_ids, False]),
        ]

    @api.model
    def _get_member_tiles(self, scope):
        members = self._get_member_domain(scope)
        [(count, points)] = self.env["loyalty.card"]._read_group(
            members, [], ["__count", "points:sum"]
        )
        [(points_sum, gained)] = self.env["loyalty.points.summary"]._read_days(
            scope.of_companies(),
            [],
            ["points", "gained"],
            scope.date_from,
            scope.date_to,
        )
        gone = points_sum - gained
        entries = [*scope.within("date"), *scope.of_companies()]
        gained_domain = [*entries, ("points", ">", 0)]
        gone_domain = [*entries, ("points", "<", 0)]
        return [
            self._prepare_tile(
                "members",
                self.env._("Members"),
                self._format_count(count),
                "fa-id-card-o",
                10,
                domain=members,
                model="loyalty.card",
            ),
            self._prepare_tile(
                "open_points",
                self.env._("Open points"),
                self._format_count(points),
                "fa-star",
                20,
                domain=[*members, ("points", ">", 0)],
                model="loyalty.card",
            ),
            self._prepare_tile(
                "points_gained",
                self.env._("Points gained"),
                self._format_count(gained),
                "fa-plus",
                30,
                domain=gained_domain,
                model="loyalty.points.entry",
            ),
            self._prepare_tile(
                "points_gone",
                self.env._("Points spent or expired"),
                self._format_count(-gone),
                "fa-minus",
                40,
                domain=gone_domain,
                model="loyalty.points.entry",
            ),
        ]

    @api.model
    def _get_charts(self, scope):
        charts = super()._get_charts(scope)
        if scope.board == "loyalty":
            charts += [
                self._get_summary_group_chart(
                    "points_by_month",
                    self.env._("Points by month, gained less spent"),
                    10,
                    "loyalty.points.summary",
                    scope.of_companies(),
                    scope,
                    "date",
                    "points",
                ),
                self._get_summary_group_chart(
                    "points_by_kind",
                    self.env._("Bookings by kind"),
                    20,
                    "loyalty.points.summary",
                    scope.of_companies(),
                    scope,
                    "kind",
                ),
                self._get_group_chart(
                    "members_by_tier",
                    self.env._("Members by tier"),
                    30,
                    "loyalty.card",
                    self._get_member_domain(scope),
                    "tier_id",
                    kind="doughnut",
                ),
            ]
        return charts

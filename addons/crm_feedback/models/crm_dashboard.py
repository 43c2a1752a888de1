from odoo import api, models


class CrmDashboard(models.AbstractModel):
    """The board of service: cases, promises kept, what customers answer."""

    _inherit = "crm.dashboard"

    @api.model
    def _get_boards(self):
        boards = super()._get_boards()
        if self.env["crm.case"].has_access("read"):
            boards.append(("service", self.env._("Service"), 30))
        return boards

    @api.model
    def _get_tiles(self, scope):
        tiles = super()._get_tiles(scope)
        if scope.board == "service":
            tiles += [*self._get_case_tiles(scope), *self._get_answer_tiles(scope)]
        return tiles

    @api.model
    def _get_case_tiles(self, scope):
        cases = self.env["crm.case"]
        open_domain = [
            ("stage_kind", "in", ("open", "waiting")),
            *scope.of_companies(),
        ]
        complaints = [
            ("case_type", "=", "complaint"),
            *scope.within("create_date"),
            *scope.of_companies(),
        ]
        late = [
            ("state", "=", "running"),
            ("deadline", "<", "now"),
            *scope.of_companies(),
        ]
        late_count = self.env["crm.sla.status"].search_count(late)
        [(complaint_count,)] = self.env["crm.case.summary"]._read_days(
            [("case_type", "=", "complaint"), *scope.of_companies()],
            [],
            ["document_count"],
            scope.date_from,
            scope.date_to,
        )
        return [
            self._prepare_tile(
                "open_cases",
                self.env._("Open cases"),
                self._format_count(cases.search_count(open_domain)),
                "fa-folder-open",
                10,
                domain=open_domain,
                model="crm.case",
            ),
            self._prepare_tile(
                "late_promises",
                self.env._("Past their deadline"),
                self._format_count(late_count),
                "fa-clock-o",
                20,
                tone="danger" if late_count else "",
                domain=late,
                model="crm.sla.status",
            ),
            self._prepare_tile(
                "complaints",
                self.env._("Complaints"),
                self._format_count(int(complaint_count)),
                "fa-bullhorn",
                40,
                domain=complaints,
                model="crm.case",
            ),
        ]

    @api.model
    def _get_answer_tiles(self, scope):
        kept_domain = [
            ("state", "in", ("reached", "failed")),
            *scope.within("date_start"),
            *scope.of_companies(),
        ]
        days = scope.date_from, scope.date_to
        by_state = dict(
            self.env["crm.sla.summary"]._read_days(
                [("state", "in", ("reached", "failed")), *scope.of_companies()],
                ["state"],
                ["document_count"],
                *days,
            )
        )
        nps_domain = [
            ("scale", "=", "nps"),
            *scope.within("date"),
            *scope.of_companies(),
        ]
        answers, points = 0, 0
        if self.env["crm.feedback"].has_access("read"):
            [(answers, points)] = self.env["crm.feedback.summary"]._read_days(
                [("scale", "=", "nps"), *scope.of_companies()],
                [],
                ["document_count", "nps_points"],
                *days,
            )
        return [
            self._prepare_tile(
                "promises_kept",
                self.env._("Promises kept"),
                self._format_share(by_state.get("reached", 0), sum(by_state.values())),
                "fa-check",
                30,
                domain=kept_domain,
                model="crm.sla.status",
            ),
            self._prepare_tile(
                "nps",
                self.env._("Net promoter score"),
                f"{points / answers:+.0f}" if answers else "–",
                "fa-smile-o",
                50,
                detail=self.env._("%s answers", self._format_count(answers)),
                domain=nps_domain,
                model="crm.feedback",
            ),
        ]

    @api.model
    def _get_charts(self, scope):
        charts = super()._get_charts(scope)
        if scope.board == "service":
            titles = {
                "create_date": self.env._("Cases by month"),
                "category_id": self.env._("Cases by category"),
                "team_id": self.env._("Cases by queue"),
                "channel": self.env._("Cases by channel"),
            }
            charts += [
                self._get_summary_group_chart(
                    f"cases_{name}",
                    title,
                    10 * place,
                    "crm.case.summary",
                    scope.of_companies(),
                    scope,
                    name,
                    kind="doughnut" if name == "channel" else "bar",
                )
                for place, (name, title) in enumerate(titles.items(), 1)
            ]
        return charts

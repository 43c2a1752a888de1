from odoo import api, models


class CrmDashboard(models.AbstractModel):
    """The board of marketing: campaigns, leads and where they come from, mailings."""

    _inherit = "crm.dashboard"

    @api.model
    def _get_boards(self):
        boards = super()._get_boards()
        if self.env["crm.segment"].has_access("read"):
            boards.append(("marketing", self.env._("Marketing"), 20))
        return boards

    @api.model
    def _get_tiles(self, scope):
        tiles = super()._get_tiles(scope)
        if scope.board == "marketing":
            tiles += [
                *self._get_lead_tiles(scope),
                *self._get_mailing_tiles(scope),
                self._get_segment_tile(scope),
            ]
        return tiles

    @api.model
    def _get_lead_tiles(self, scope):
        leads = self.env["crm.lead"]
        if not leads.has_access("read"):
            return []
        domain = [*self._get_lead_domain(scope), *scope.within("create_date")]
        [(count,)] = self.env["crm.lead.summary"]._read_days(
            self._get_lead_domain(scope),
            [],
            ["document_count"],
            scope.date_from,
            scope.date_to,
        )
        return [
            self._prepare_tile(
                "leads",
                self.env._("New leads"),
                self._format_count(int(count)),
                "fa-star",
                10,
                domain=domain,
                model="crm.lead",
            )
        ]

    @api.model
    def _get_mailing_tiles(self, scope):
        traces = self.env["mailing.trace"]
        if not traces.has_access("read"):
            return []
        domain = [*scope.within("sent_datetime")]
        [(sent, opened, clicked)] = self.env["crm.mailing.summary"]._read_days(
            [],
            [],
            ["document_count", "opened_count", "clicked_count"],
            scope.date_from,
            scope.date_to,
        )
        return [
            self._prepare_tile(
                "mailings",
                self.env._("Messages sent"),
                self._format_count(int(sent)),
                "fa-envelope",
                20,
                detail=self.env._(
                    "%(opened)s opened, %(clicked)s clicked",
                    opened=self._format_share(opened, sent),
                    clicked=self._format_share(clicked, sent),
                ),
                domain=domain,
                model="mailing.trace",
            )
        ]

    @api.model
    def _get_segment_tile(self, scope):
        domain = [("company_id", "in", [*scope.company_ids, False])]
        count = self.env["crm.segment"].search_count(domain)
        return self._prepare_tile(
            "segments",
            self.env._("Segments"),
            self._format_count(count),
            "fa-object-group",
            30,
            domain=domain,
            model="crm.segment",
        )

    @api.model
    def _get_lead_domain(self, scope):
        """Return the domain of the leads, lost ones too, of whatever day."""
        return [
            ("active", "in", (True, False)),
            ("company_id", "in", [*scope.company_ids, False]),
        ]

    @api.model
    def _get_charts(self, scope):
        charts = super()._get_charts(scope)
        if scope.board == "marketing":
            domain = self._get_lead_domain(scope)
            charts += [
                self._get_summary_group_chart(
                    "leads_by_month",
                    self.env._("New leads by month"),
                    10,
                    "crm.lead.summary",
                    domain,
                    scope,
                    "create_date",
                ),
                self._get_summary_group_chart(
                    "leads_by_source",
                    self.env._("New leads by source"),
                    20,
                    "crm.lead.summary",
                    domain,
                    scope,
                    "source_id",
                ),
                self._get_summary_group_chart(
                    "revenue_by_campaign",
                    self.env._("Orders by campaign"),
                    30,
                    "crm.order.campaign.summary",
                    scope.of_companies(),
                    scope,
                    "campaign_id",
                    "revenue",
                ),
                self._get_summary_chart(
                    scope, "rfm_segment", self.env._("RFM segments"), 40
                ),
            ]
        return charts

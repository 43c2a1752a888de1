from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_lifecycle.profile_metrics.metric_source import MetricSource


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    open_case_count = fields.Integer("Open Cases", readonly=True)
    open_complaint_count = fields.Integer("Open Complaints", readonly=True)
    case_count = fields.Integer("Cases", readonly=True)
    last_case_date = fields.Datetime("Last Case", readonly=True)
    last_nps = fields.Float("Last Recommendation", readonly=True, digits=(4, 1))
    nps_category = fields.Selection(
        [
            ("promoter", "Promoter"),
            ("passive", "Passive"),
            ("detractor", "Detractor"),
        ],
        "Recommends Us",
        readonly=True,
    )

    def _get_metric_sources(self, customers):
        return super()._get_metric_sources(customers) + [
            MetricSource(
                "cases",
                (
                    "open_case_count",
                    "open_complaint_count",
                    "case_count",
                    "last_case_date",
                ),
                self._get_case_query(customers),
                self.env._("Cases"),
            ),
            MetricSource(
                "recommendation",
                ("last_nps", "nps_category"),
                self.env["crm.feedback"]._get_latest_nps_query(customers),
                self.env._("Answers of customers"),
                self.env._("The latest answer on a scale from 0 to 10."),
            ),
        ]

    def _get_case_query(self, customers):
        """Return SQL of the case figures of each customer and company."""
        self.env["crm.case"].flush_model()
        return SQL(
            """
            SELECT k.commercial_partner_id AS partner_id, k.company_id,
                   COUNT(*) FILTER (WHERE k.stage_kind IN ('open', 'waiting')),
                   COUNT(*) FILTER (WHERE k.stage_kind IN ('open', 'waiting')
                                      AND k.case_type = 'complaint'),
                   COUNT(*), MAX(k.date_received)
              FROM crm_case k
             WHERE k.active AND k.stage_kind != 'cancelled' AND %s
             GROUP BY k.commercial_partner_id, k.company_id
            """,
            customers.include(SQL.identifier("k", "commercial_partner_id")),
        )

    @api.model
    def _get_contact_events(self):
        return {
            **super()._get_contact_events(),
            "survey_answered": (None, "customer"),
            "rating_given": (None, "customer"),
            "case_opened": (None, "customer"),
        }

    def _get_advocate_conditions(self):
        return [
            *super()._get_advocate_conditions(),
            SQL("figures.nps_category = 'promoter'"),
        ]

    # ------------------------------------------------------------
    # 360 view
    # ------------------------------------------------------------

    def _get_360_tiles(self):
        self.ensure_one()
        tiles = super()._get_360_tiles()
        if self.env["crm.case"].has_access("read"):
            tiles.append(self._get_case_tile())
        if self.nps_category and self.env["crm.feedback"].has_access("read"):
            tiles.append(self._get_satisfaction_tile())
        return tiles

    def _get_360_warnings(self):
        warnings = super()._get_360_warnings()
        if self._get_open_complaint():
            label = self.env._("Open complaint")
            warnings.append({"key": "complaint", "label": label, "tone": "danger"})
        return warnings

    def _get_360_next_actions(self):
        advice = super()._get_360_next_actions()
        complaint = self._get_open_complaint()
        if complaint:
            advice.append(self._advise_complaint(complaint))
        return advice

    def _get_360_actions(self):
        actions = super()._get_360_actions()
        if self.env["crm.case"].has_access("create"):
            action = self._get_new_document_action("crm.case", case_type="complaint")
            label = self.env._("Open complaint")
            key = "complaint"
            actions.append(
                {"key": key, "label": label, "icon": "fa-life-ring", "action": action}
            )
        return actions

    @api.model
    def _get_search_documents(self):
        return [*super()._get_search_documents(), ("crm.case", "number")]

    def _get_open_complaint(self):
        """Return the oldest open complaint that the user may read, if any."""
        cases = self.env["crm.case"]
        if not self.open_complaint_count or not cases.has_access("read"):
            return cases
        return cases.search(
            [*self._get_open_case_domain(), ("case_type", "=", "complaint")],
            order="date_received, id",
            limit=1,
        )

    def _get_case_domain(self):
        return [
            ("commercial_partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]

    def _get_open_case_domain(self):
        return [*self._get_case_domain(), ("stage_kind", "in", ("open", "waiting"))]

    def _advise_complaint(self, complaint):
        days = self._count_days(complaint.date_received)
        reason = self.env._(
            "%(name)s, open for %(days)s days", name=complaint.display_name, days=days
        )
        return {
            "key": "complaint",
            "label": self.env._("Answer the complaint first"),
            "reason": reason if days > 1 else complaint.display_name,
            "priority": 100,
            "icon": "fa-life-ring",
            "action": self._get_form_action(complaint),
        }

    def _get_case_tile(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action["domain"] = self._get_case_domain()
        tone = "warning" if self.open_case_count else ""
        return self._prepare_tile(
            "open_cases",
            self.env._("Open cases"),
            self.env._(
                "%(open)s of %(all)s", open=self.open_case_count, all=self.case_count
            ),
            "fa-life-ring",
            60,
            detail=self.env._("of them complaints: %s", self.open_complaint_count)
            if self.open_complaint_count
            else "",
            action=action,
            tone="danger" if self.open_complaint_count else tone,
        )

    def _get_satisfaction_tile(self):
        tones = {"promoter": "success", "passive": "", "detractor": "danger"}
        labels = dict(self._fields["nps_category"]._description_selection(self.env))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_feedback_action"
        )
        action["domain"] = [("commercial_partner_id", "=", self.partner_id.id)]
        return self._prepare_tile(
            "satisfaction",
            self.env._("Recommends us"),
            labels[self.nps_category],
            "fa-smile-o",
            61,
            detail=self.env._("%(score)g of 10", score=self.last_nps),
            action=action,
            tone=tones[self.nps_category],
        )

from odoo import fields, models
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

    def _get_advocate_conditions(self):
        return [
            *super()._get_advocate_conditions(),
            SQL("figures.nps_category = 'promoter'"),
        ]

    def _get_360_tiles(self):
        self.ensure_one()
        tiles = [self._get_case_tile()]
        if self.nps_category:
            tiles.append(self._get_satisfaction_tile())
        return super()._get_360_tiles() + tiles

    def _get_case_tile(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action["domain"] = [("commercial_partner_id", "=", self.partner_id.id)]
        tone = "warning" if self.open_case_count else ""
        return {
            "key": "open_cases",
            "label": self.env._("Open Cases"),
            "value": self.env._(
                "%(open)s of %(all)s", open=self.open_case_count, all=self.case_count
            ),
            "icon": "fa-life-ring",
            "sequence": 60,
            "action": action,
            "tone": "danger" if self.open_complaint_count else tone,
        }

    def _get_satisfaction_tile(self):
        tones = {"promoter": "success", "passive": "", "detractor": "danger"}
        labels = dict(self._fields["nps_category"]._description_selection(self.env))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_feedback_action"
        )
        action["domain"] = [("commercial_partner_id", "=", self.partner_id.id)]
        return {
            "key": "satisfaction",
            "label": self.env._("Recommends Us"),
            "value": self.env._(
                "%(category)s (%(score)g of 10)",
                category=labels[self.nps_category],
                score=self.last_nps,
            ),
            "icon": "fa-smile-o",
            "sequence": 61,
            "action": action,
            "tone": tones[self.nps_category],
        }

from odoo import api, fields, models
from odoo.tools import SQL

LIFECYCLE_STAGES = [
    ("prospect", "Prospect"),
    ("lead", "Lead"),
    ("opportunity", "Opportunity"),
    ("new", "New customer"),
    ("repeat", "Repeat customer"),
    ("loyal", "Loyal customer"),
    ("advocate", "Advocate"),
    ("at_risk", "At risk"),
    ("lapsed", "Lapsed"),
]


class CrmCustomerProfileStage(models.Model):
    """Where the customer stands, computed from the other figures, both ways."""

    _inherit = "crm.customer.profile"

    lifecycle_stage = fields.Selection(
        LIFECYCLE_STAGES,
        readonly=True,
        help="Where the customer stands, from the orders and leads there are. The "
        "limits are set in the settings.",
    )

    stage_ids = fields.Many2many(
        "crm.customer.stage", string="Stages", compute="_compute_stage_ids"
    )

    def _compute_stage_ids(self):
        stays = self.env["crm.customer.stage"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        by_customer = stays.grouped(lambda stay: (stay.partner_id, stay.company_id))
        for profile in self:
            profile.stage_ids = by_customer.get(
                (profile.partner_id, profile.company_id)
            )

    @api.model
    def _get_stage_sql(self):
        """Return SQL of the stage, from ``figures`` and the limits of ``company``."""
        return SQL(
            """
            CASE %(rules)s
            WHEN figures.order_count = 0 AND figures.opportunity_count > 0
                THEN 'opportunity'
            WHEN figures.order_count = 0 AND figures.lead_count > 0 THEN 'lead'
            WHEN figures.order_count = 0 THEN 'prospect'
            WHEN figures.last_order_date < %(now)s
                - make_interval(days => company.crm_lapsed_days) THEN 'lapsed'
            WHEN figures.last_order_date < %(now)s
                - make_interval(days => company.crm_at_risk_days) THEN 'at_risk'
            WHEN %(advocate)s THEN 'advocate'
            WHEN figures.order_count >= company.crm_loyal_orders THEN 'loyal'
            WHEN figures.order_count > 1 THEN 'repeat'
            ELSE 'new' END
            """,
            rules=self.env["crm.customer.stage.rule"]._get_all()._get_case_sql(),
            now=SQL("%s::timestamp", self._now()),
            advocate=SQL(" OR ").join(self._get_advocate_conditions()) or SQL("FALSE"),
        )

    @api.model
    def _get_advocate_conditions(self):
        """Hook: return what makes a buying customer an advocate.

        :return: conditions on ``figures``, the columns of the profile; any will do
        :rtype: list[SQL]
        """
        return []

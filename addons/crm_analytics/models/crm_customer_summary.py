from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_lifecycle.models.crm_customer_profile_stage import LIFECYCLE_STAGES

from .crm_customer_profile import CHURN_RISKS, RFM_CELLS
from .crm_customer_profile_value import VALUE_CLASSES

GROUPS = (
    "company_id",
    "user_id",
    "team_id",
    "lifecycle_stage",
    "rfm_segment",
    "value_class",
    "churn_risk",
)


class CrmCustomerSummary(models.Model):
    """The customers of a month by salesperson, stage, value and risk, summed up.

    Dashboards read some thousand lines instead of all customers, and record rules cut
    them by salesperson as they cut the customers. The lines of the running month are
    written anew after every analysis; those of earlier months stay.
    """

    _name = "crm.customer.summary"
    _description = "Customers by Month"
    _order = "month DESC, id"
    _log_access = False
    _rec_name = "month"

    month = fields.Date(required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, ondelete="set null", index=True
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, ondelete="set null", index=True
    )
    lifecycle_stage = fields.Selection(LIFECYCLE_STAGES, readonly=True)
    rfm_segment = fields.Selection(RFM_CELLS, "RFM segment", readonly=True)
    value_class = fields.Selection(VALUE_CLASSES, readonly=True)
    churn_risk = fields.Selection(CHURN_RISKS, readonly=True)
    customer_count = fields.Integer("Customers", readonly=True)
    buyer_count = fields.Integer("With an Order", readonly=True)
    repeat_count = fields.Integer("Bought Again", readonly=True)
    revenue_12m = fields.Monetary("Revenue 12 Months", readonly=True)
    clv = fields.Monetary("Customer Equity", readonly=True, help="Sum of the CLV.")
    value_at_risk = fields.Monetary(
        readonly=True, help="Each customer's value times his risk to leave."
    )

    _month_idx = models.Index("(company_id, month)")

    @api.model
    def _get_this_month(self):
        return fields.Date.context_today(self).replace(day=1)

    @api.model
    def _refresh(self, company):
        """Write the lines of the running month anew, in two statements."""
        month = self._get_this_month()
        self.env.flush_all()
        groups = SQL(", ").join(SQL.identifier("profile", name) for name in GROUPS)
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_customer_summary WHERE month = %s AND company_id = %s",
                month,
                company.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_customer_summary (month, %(names)s, customer_count,
                       buyer_count, repeat_count, revenue_12m, clv, value_at_risk)
                SELECT %(month)s, %(groups)s, count(*),
                       count(*) FILTER (WHERE order_count > 0),
                       count(*) FILTER (WHERE order_count > 1),
                       sum(revenue_12m), sum(clv), sum(clv * churn_probability)
                  FROM crm_customer_profile profile
                 WHERE profile.company_id = %(company)s
                 GROUP BY %(groups)s
                """,
                month=month,
                company=company.id,
                names=SQL(", ").join(map(SQL.identifier, GROUPS)),
                groups=groups,
            )
        )
        self.invalidate_model()

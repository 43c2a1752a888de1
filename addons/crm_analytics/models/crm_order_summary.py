from odoo import api, fields, models
from odoo.tools import SQL


class CrmOrderSummary(models.Model):
    """The confirmed orders of each past day by salesperson."""

    _name = "crm.order.summary"
    _description = "Orders by Day"
    _inherit = ["crm.document.summary.mixin"]
    _log_access = False

    _summary_of = "sale.order"
    _summary_date = "date_order"
    _summary_domain = [("state", "=", "sale")]

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, ondelete="set null"
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, ondelete="set null"
    )
    revenue = fields.Monetary(readonly=True, help="Untaxed, in the company's currency.")

    _day_idx = models.Index("(day, company_id)")

    @api.model
    def _get_sums_sql(self):
        amount = SQL(
            "sale_order.amount_untaxed"
            " / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)"
        )
        return {"revenue": amount}

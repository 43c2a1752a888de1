from odoo import api, fields, models
from odoo.tools import SQL


class CrmOrderSummary(models.Model):
    """The confirmed orders of each past month by salesperson, summed up.

    Dashboards read these lines instead of years of orders; record rules cut them as
    they cut the orders. Written anew every night, with what was changed since.
    """

    _name = "crm.order.summary"
    _description = "Orders by Month"
    _order = "month DESC, id"
    _log_access = False
    _rec_name = "month"

    month = fields.Date(required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, ondelete="set null", index=True
    )
    order_count = fields.Integer("Orders", readonly=True)
    revenue = fields.Monetary(readonly=True, help="Untaxed, in the company's currency.")

    _month_idx = models.Index("(company_id, month)")

    @api.model
    def _refresh(self, company):
        """Write the past months of a company anew, in two statements."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "DELETE FROM crm_order_summary WHERE company_id = %s RETURNING id",
                company.id,
            )
        )
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_order_summary (month, company_id, user_id, order_count,
                                               revenue)
                SELECT date_trunc('month', date_order)::date, company_id, user_id,
                       count(*),
                       sum(amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1))
                  FROM sale_order
                 WHERE state = 'sale' AND company_id = %s AND date_order < %s
                 GROUP BY 1, 2, 3 RETURNING id
                """,
                company.id,
                fields.Date.context_today(self).replace(day=1),
            )
        )
        self.invalidate_model()

    @api.model
    def _get_months(self, company_ids, first, this_month):
        """Return ``{month: revenue}`` from ``first`` to before ``this_month``."""
        rows = self._read_group(
            [
                ("company_id", "in", company_ids),
                ("month", ">=", first),
                ("month", "<", this_month),
            ],
            ["month:month"],
            ["revenue:sum"],
        )
        return {fields.Date.to_date(month): revenue or 0 for month, revenue in rows}

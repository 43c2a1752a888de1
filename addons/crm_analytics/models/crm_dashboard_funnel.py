from odoo import api, models
from odoo.tools import SQL


class CrmDashboard(models.AbstractModel):
    """From the opportunity to the money: what came of those of the days."""

    _inherit = "crm.dashboard"

    @api.model
    def _get_charts(self, scope):
        charts = super()._get_charts(scope)
        if scope.board == "sales" and self.env["account.move"].has_access("read"):
            charts.append(self._get_funnel_chart(scope))
        return charts

    @api.model
    def _get_funnel_chart(self, scope):
        """Return expected, quoted, ordered, invoiced and paid amounts, with tax.

        Invoices are posted ones less credit notes, as accounting has them; each step
        holds the documents that come from the step before.
        """
        leads = self.env["crm.lead"].with_context(active_test=False)
        opportunities = leads._search(
            [
                ("type", "=", "opportunity"),
                *scope.within("create_date"),
                ("company_id", "in", [*scope.company_ids, False]),
            ]
        )
        quoted = [("opportunity_id", "in", opportunities), *scope.of_companies()]
        ordered = [*quoted, ("state", "=", "sale")]
        orders = self.env["sale.order"]
        invoices = self._search_invoices(orders._search(ordered))
        moves = [("id", "in", invoices.ids)]
        paid = [*moves, ("payment_state", "in", ("paid", "in_payment", "partial"))]
        [(expected,)] = leads._read_group(
            [("id", "in", opportunities)], [], ["expected_revenue:sum"]
        )
        [(total, residual)] = invoices._read_group(
            moves, [], ["amount_total_signed:sum", "amount_residual_signed:sum"]
        )
        amounts = {
            "expected": expected or 0,
            "quoted": self._sum_orders(orders._search(quoted)),
            "ordered": self._sum_orders(orders._search(ordered)),
            "invoiced": total or 0,
            "paid": (total or 0) - (residual or 0),
        }
        lead_ids = leads.search([("id", "in", opportunities)]).ids
        order_ids = orders.search(quoted).ids
        steps = [
            ("expected", self.env._("Expected"), [("id", "in", lead_ids)], "crm.lead"),
            ("quoted", self.env._("Quoted"), [("id", "in", order_ids)], "sale.order"),
            (
                "ordered",
                self.env._("Ordered"),
                [("id", "in", order_ids), ("state", "=", "sale")],
                "sale.order",
            ),
            ("invoiced", self.env._("Invoiced"), moves, "account.move"),
            ("paid", self.env._("Paid"), paid, "account.move"),
        ]
        bars = [
            {"label": label, "value": amounts[key], "domain": domain, "model": model}
            for key, label, domain, model in steps
        ]
        return self._prepare_chart(
            "funnel", self.env._("From opportunity to cash"), bars, 35, "crm.lead"
        )

    @api.model
    def _search_invoices(self, orders):
        return self.env["account.move"].search(
            [
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "=", "posted"),
                ("invoice_line_ids.sale_line_ids.order_id", "in", orders),
            ]
        )

    @api.model
    def _sum_orders(self, orders):
        """Return the sum in the company's currency, at the rate of each order."""
        self.env["sale.order"].flush_model(["amount_total", "currency_rate"])
        [(total,)] = self.env.execute_query(
            SQL(
                """
                SELECT sum(amount_total / COALESCE(NULLIF(currency_rate, 0), 1))::float8
                  FROM sale_order WHERE id IN %s
                """,
                orders.subselect(),
            )
        )
        return total or 0

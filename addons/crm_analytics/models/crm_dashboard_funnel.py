from odoo import api, models
from odoo.tools import SQL

PAID = ("paid", "in_payment", "partial")


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
        steps = self._get_funnel_steps(scope)
        quoted, ordered = self._sum_orders(steps["quoted"][2])
        invoiced, residual = self._sum_invoices(steps["invoiced"][2])
        amounts = {
            "expected": self._sum_expected(scope),
            "quoted": quoted,
            "ordered": ordered,
            "invoiced": invoiced,
            "paid": invoiced - residual,
        }
        bars = [
            {"label": label, "value": amounts[key], "domain": domain, "model": model}
            for key, (label, model, domain) in steps.items()
        ]
        return self._prepare_chart(
            "funnel", self.env._("From opportunity to cash"), bars, 35, "crm.lead"
        )

    @api.model
    def _get_funnel_steps(self, scope):
        """Return label, model and domain of the documents of each step."""
        opportunities = [
            *self._get_opportunity_domain(scope),
            *scope.within("create_date"),
            ("active", "in", (True, False)),
        ]
        quoted = [
            # Said apart, the database knows that few orders have one.
            ("opportunity_id", "!=", False),
            ("opportunity_id", "any", opportunities),
            *scope.of_companies(),
        ]
        ordered = [*quoted, ("state", "=", "sale")]
        invoiced = [
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
            (
                "invoice_line_ids",
                "any",
                [("sale_line_ids", "any", [("order_id", "any", ordered)])],
            ),
        ]
        paid = [*invoiced, ("payment_state", "in", PAID)]
        return {
            "expected": (self.env._("Expected"), "crm.lead", opportunities),
            "quoted": (self.env._("Quoted"), "sale.order", quoted),
            "ordered": (self.env._("Ordered"), "sale.order", ordered),
            "invoiced": (self.env._("Invoiced"), "account.move", invoiced),
            "paid": (self.env._("Paid"), "account.move", paid),
        }

    @api.model
    def _sum_expected(self, scope):
        summary = self.env["crm.lead.summary"].with_context(active_test=False)
        [(expected,)] = summary._read_days(
            self._get_opportunity_domain(scope),
            [],
            ["expected_revenue"],
            scope.date_from,
            scope.date_to,
        )
        return expected

    @api.model
    def _sum_orders(self, quoted):
        """Return the sums of all and of the confirmed orders in the company's
        currency, at the rate of each order."""
        orders = self.env["sale.order"]
        if not orders.has_access("read"):
            return 0, 0
        self.env.flush_all()
        amount = SQL(
            "sale_order.amount_total / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)"
        )
        [sums] = self.env.execute_query(
            orders._search(quoted).select(
                SQL("COALESCE(sum(%s), 0)::float8", amount),
                SQL(
                    "COALESCE(sum(%s) FILTER (WHERE sale_order.state = 'sale'), 0)"
                    "::float8",
                    amount,
                ),
            )
        )
        return sums

    @api.model
    def _sum_invoices(self, invoiced):
        """Return what was invoiced and what of it is open, less credit notes."""
        if not self.env["sale.order"].has_access("read"):
            return 0, 0
        [(total, residual)] = self.env["account.move"]._read_group(
            invoiced, [], ["amount_total_signed:sum", "amount_residual_signed:sum"]
        )
        return total or 0, residual or 0

from odoo import api, fields, models
from odoo.tools import SQL

from ..profile_metrics.metric_source import MetricSource

BILLING_GROUPS = "account.group_account_invoice,account.group_account_readonly"


class CrmCustomerProfilePaying(models.Model):
    """How the customer pays: from posted invoices, credit notes and payments."""

    _inherit = "crm.customer.profile"

    invoice_count = fields.Integer("Invoices", readonly=True, groups=BILLING_GROUPS)
    invoiced_amount = fields.Monetary(
        "Invoiced",
        readonly=True,
        groups=BILLING_GROUPS,
        help="Untaxed, less credit notes.",
    )
    open_amount = fields.Monetary(
        "Unpaid", readonly=True, groups=BILLING_GROUPS, help="Open on posted invoices."
    )
    overdue_amount = fields.Monetary("Overdue", readonly=True, groups=BILLING_GROUPS)
    overdue_days = fields.Integer(
        "Days overdue",
        readonly=True,
        groups=BILLING_GROUPS,
        aggregator="max",
        help="Of the invoice that has been overdue for longest.",
    )
    mean_days_late = fields.Float(
        "Days late",
        readonly=True,
        groups=BILLING_GROUPS,
        aggregator="avg",
        help="Mean days between due date and last payment, of paid invoices. Negative "
        "when paid early.",
    )
    paid_late_share = fields.Float(
        "Paid late",
        readonly=True,
        groups=BILLING_GROUPS,
        aggregator="avg",
        help="Share of the paid invoices whose last payment came after the due date.",
    )
    mean_days_to_pay = fields.Float(
        "Days to pay",
        readonly=True,
        groups=BILLING_GROUPS,
        aggregator="avg",
        help="Mean days between invoice and last payment, of paid invoices.",
    )
    last_payment_date = fields.Date(
        "Last payment", readonly=True, groups=BILLING_GROUPS
    )
    days_sales_outstanding = fields.Float(
        readonly=True,
        groups=BILLING_GROUPS,
        aggregator="avg",
        help="Unpaid as a share of all that was invoiced, times the days since the "
        "first invoice.",
    )
    credit_note_count = fields.Integer(
        "Credit notes", readonly=True, groups=BILLING_GROUPS
    )
    credit_note_amount = fields.Monetary(
        "Credited", readonly=True, groups=BILLING_GROUPS, help="Untaxed."
    )
    return_rate = fields.Float(
        readonly=True,
        groups=BILLING_GROUPS,
        aggregator="avg",
        help="Credited as a share of what was invoiced, both untaxed.",
    )

    @api.model
    def _get_metric_sources(self, customers):
        return [
            *super()._get_metric_sources(customers),
            self._get_invoice_source(customers),
            self._get_payment_source(customers),
        ]

    @api.model
    def _get_invoice_source(self, customers):
        query = SQL(
            """
            SELECT commercial_partner_id, company_id,
                   count(*) FILTER (WHERE move_type = 'out_invoice'),
                   sum(amount_untaxed_signed),
                   sum(amount_residual_signed),
                   sum(amount_residual_signed)
                       FILTER (WHERE invoice_date_due < %(today)s),
                   %(today)s::date - min(invoice_date_due) FILTER (
                       WHERE move_type = 'out_invoice' AND amount_residual_signed > 0
                         AND invoice_date_due < %(today)s),
                   sum(amount_residual_signed) / NULLIF(sum(amount_total_signed), 0)
                   * (%(today)s::date - min(invoice_date)),
                   count(*) FILTER (WHERE move_type = 'out_refund'),
                   -sum(amount_untaxed_signed)
                       FILTER (WHERE move_type = 'out_refund'),
                   -sum(amount_untaxed_signed) FILTER (WHERE move_type = 'out_refund')
                   / NULLIF(sum(amount_untaxed_signed)
                       FILTER (WHERE move_type = 'out_invoice'), 0)
              FROM account_move
             WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
               AND %(wanted)s
             GROUP BY commercial_partner_id, company_id
            """,
            today=fields.Date.context_today(self),
            wanted=customers.include_contact(
                SQL.identifier("account_move", "partner_id")
            ),
        )
        columns = (
            "invoice_count",
            "invoiced_amount",
            "open_amount",
            "overdue_amount",
            "overdue_days",
            "days_sales_outstanding",
            "credit_note_count",
            "credit_note_amount",
            "return_rate",
        )
        return MetricSource(
            "invoices",
            columns,
            query,
            self.env._("Posted invoices and credit notes"),
            self.env._(
                "In the company's currency, as the documents were posted. Invoices to "
                "all contacts of the customer count."
            ),
        )

    @api.model
    def _get_payment_source(self, customers):
        query = SQL(
            """
            SELECT commercial_partner_id, company_id, avg(paid_on - invoice_date_due),
                   avg((paid_on > invoice_date_due)::int),
                   avg(paid_on - invoice_date), max(paid_on)
              FROM (
                SELECT move.id, move.commercial_partner_id, move.company_id,
                       move.invoice_date_due, move.invoice_date,
                       max(payment.max_date) AS paid_on
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
                  JOIN account_partial_reconcile payment
                    ON payment.debit_move_id = line.id
                 WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
                   AND move.payment_state IN ('paid', 'in_payment') AND %(wanted)s
                 GROUP BY move.id) paid
             GROUP BY commercial_partner_id, company_id
            """,
            wanted=customers.include_contact(SQL.identifier("move", "partner_id")),
        )
        columns = (
            "mean_days_late",
            "paid_late_share",
            "mean_days_to_pay",
            "last_payment_date",
        )
        return MetricSource(
            "payments",
            columns,
            query,
            self.env._("Paid invoices"),
            self.env._("The day of the last payment counts."),
        )

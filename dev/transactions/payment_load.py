"""Pay the loaded invoices as payment_behaviour draws it."""

from odoo.fields import Command
from odoo.tools import SQL

from .invoice_load import COMPLETE_ITEMS
from .payment_behaviour import payment_date


def create_payments(books, documents, invoices):
    """Pay those of ``invoices`` that their customers have paid by now."""
    due = [
        (invoice, day)
        for document, invoice in zip(documents, invoices, strict=True)
        if invoice.amount_total
        and (day := payment_date(document, books.last_date)) is not None
    ]
    payments = books.env["account.payment"].create(
        [payment_values(books, invoice, day) for invoice, day in due]
    )
    # Odoo makes the entries of payments one by one; here all at once.
    Move = books.env["account.move"].with_context(**COMPLETE_ITEMS)
    moves = Move.create([entry_values(books, payment) for payment in payments])
    moves._post(soft=False)
    link_entries(payments)
    payments.action_post()
    reconcile(books, payments, [invoice for invoice, _day in due])
    return payments


def link_entries(payments):
    """Give the payments their entries: one statement instead of a write per payment."""
    payments.env.flush_all()
    payments.env.execute_query(
        SQL(
            "UPDATE account_payment payment SET move_id = move.id "
            "FROM account_move move "
            "WHERE move.origin_payment_id = payment.id AND payment.id IN %s",
            tuple(payments.ids) or (0,),
        )
    )
    payments.invalidate_recordset(["move_id"])
    payments.modified(["move_id"])


def payment_values(books, invoice, day):
    inbound = invoice.move_type == "out_invoice"
    return {
        "company_id": books.company.id,
        "journal_id": books.bank_journal.id,
        "payment_method_line_id": books.payment_methods[inbound].id,
        "outstanding_account_id": books.outstanding_accounts[inbound].id,
        "destination_account_id": books.receivable_account.id,
        "partner_type": "customer",
        "payment_type": "inbound" if inbound else "outbound",
        "partner_id": invoice.partner_id.id,
        "partner_bank_id": False,
        "currency_id": invoice.currency_id.id,
        "amount": invoice.amount_total,
        "date": day,
        "memo": invoice.ref,
        "invoice_ids": [Command.link(invoice.id)],
    }


def entry_values(books, payment):
    received = payment.amount if payment.payment_type == "inbound" else -payment.amount
    sides = (
        (payment.outstanding_account_id, received),
        (payment.destination_account_id, -received),
    )
    return {
        "move_type": "entry",
        "company_id": books.company.id,
        "currency_id": payment.currency_id.id,
        "journal_id": payment.journal_id.id,
        "partner_id": payment.partner_id.id,
        "date": payment.date,
        "ref": payment.memo,
        "origin_payment_id": payment.id,
        "line_ids": [
            Command.create(
                {
                    "name": payment.memo,
                    "partner_id": payment.partner_id.id,
                    "account_id": account.id,
                    "date_maturity": payment.date,
                    "balance": balance,
                    "amount_currency": balance,
                    "analytic_distribution": False,
                }
            )
            for account, balance in sides
        ],
    }


def reconcile(books, payments, invoices):
    receivable = books.receivable_account
    plan = [
        (payment.move_id | invoice).line_ids.filtered(
            lambda line: line.account_id == receivable
        )
        for payment, invoice in zip(payments, invoices, strict=True)
    ]
    Item = books.env["account.move.line"].with_context(**COMPLETE_ITEMS)
    Item._reconcile_plan(plan)

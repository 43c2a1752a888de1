"""Load a real transaction log into a database of Odoo as back-office data.

Customers, products with categories, confirmed orders with their dates, posted
invoices, payments and credit notes. Reads the CSV (also gzipped) of UCI's Online
Retail set and of CDNOW. May be killed and started again: what is loaded is not loaded
twice. Amounts are taken in the currency of the company::

    .venv/bin/python dev/load_transactions.py -d DATABASE FILE
"""

import argparse
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import postgres
from transactions.catalogue import build_catalogue
from transactions.documents import (
    first_customers,
    group_documents,
    shift_to,
    shifted,
)
from transactions.external_ids import ExternalIds, external_name
from transactions.odoo_session import QUIET, odoo_environment
from transactions.progress_bar import ProgressBar
from transactions.transaction_log import LogError, read_log

BATCH_LINES = 2000
COUNTED = ("orders", "invoices", "credit_notes", "payments")


def batches_of(documents):
    """Yield lists of documents with about BATCH_LINES lines each."""
    batch, size = [], 0
    for document in documents:
        batch.append(document)
        size += len(document.lines)
        if size >= BATCH_LINES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class LoadReport(NamedTuple):
    """What a load did."""

    partners: int
    products: int
    orders: int
    invoices: int
    credit_notes: int
    payments: int
    lines: int
    already_loaded: int
    rejected: int
    seconds: float


def load(env, log, *, limit_customers=None, email_domain=None, shift_to_today=False):
    """Load ``log`` into the company of ``env``, committing batch by batch.

    :raise LogError: an app is missing, or another process is loading the same log
    """
    from transactions.books import Books
    from transactions.partner_load import load_partners
    from transactions.product_load import load_products

    if not {"sale.order", "account.payment"} <= set(env.registry):
        raise LogError("Sales and Invoicing are not installed in this database.")
    started = time.monotonic()
    lines = log.lines
    if limit_customers is not None:
        lines = first_customers(lines, limit_customers)
    env = env(context={**env.context, **QUIET})
    ids = ExternalIds(env, log.name, env.company)
    with only_load(env, ids.module):
        loaded = ids.known("account.move", "document")
        documents = group_documents(lines)
        if shift_to_today:
            documents = shifted(documents, find_shift(env, documents, loaded))
        books = Books(env, env.company, documents[-1].date if documents else None)
        books.load_chart()
        books.products = load_products(env, ids, build_catalogue(lines))
        books.partners = load_partners(env, ids, lines, email_domain)
        new = [document for document in documents if name_of(document) not in loaded]
        totals = load_documents(books, ids, new)
    return LoadReport(
        partners=len(books.partners),
        products=len(books.products),
        already_loaded=len(documents) - len(new),
        lines=sum(len(document.lines) for document in new),
        rejected=len(log.rejected),
        seconds=time.monotonic() - started,
        **{kind: totals[kind] for kind in COUNTED},
    )


@contextmanager
def only_load(env, name):
    """Let no second load of the same log run beside this one."""
    env.cr.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
    if not env.cr.fetchone()[0]:
        raise LogError("This log is just being loaded into this database.")
    try:
        yield
    finally:
        env.cr.rollback()
        env.cr.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def name_of(document):
    return external_name("document", document.key)


def find_shift(env, documents, loaded):
    """Return by how much to move the dates: as an earlier run did, else to today."""
    for document in documents:
        if name_of(document) in loaded:
            move = env["account.move"].browse(loaded[name_of(document)])
            return timedelta(days=(move.date - document.date.date()).days)
    return shift_to(documents, datetime.now())


def load_documents(books, ids, documents):
    """Load ``documents`` batch by batch; return how many records of each kind."""
    from transactions.document_load import load_batch

    bar = ProgressBar("Loading lines", sum(len(each.lines) for each in documents))
    totals = Counter()
    for batch in batches_of(documents):
        totals.update(load_batch(books, ids, batch))
        bar.advance(sum(len(document.lines) for document in batch))
    return totals


def print_rejects(log, reject_file):
    if not log.rejected:
        print("Every line can be loaded.")
        return
    print(f"{len(log.rejected):,} lines cannot be loaded, listed in {reject_file}:")
    for reason, count in log.reject_reasons():
        print(f"  {count:>9,}  {reason}")


def print_report(report):
    print(
        f"{report.partners:,} customers, {report.products:,} products; loaded "
        f"{report.orders:,} orders, {report.invoices:,} invoices, "
        f"{report.credit_notes:,} credit notes, {report.payments:,} payments "
        f"({report.lines:,} lines) in {report.seconds:,.0f} s; "
        f"{report.already_loaded:,} documents were there already."
    )
    if report.lines:
        print(
            f"{(report.invoices + report.credit_notes) / report.seconds:,.1f} "
            f"documents/s, {report.lines / report.seconds:,.0f} lines/s."
        )


def check_database(database):
    postgres.start()
    if not postgres.database_exists(database):
        sys.exit(
            f"Loader: there is no database {database}. Make it with "
            f"'dev/odoo -d {database} -i crm_lifecycle --stop-after-init'."
        )


def read_arguments(arguments):
    parser = argparse.ArgumentParser(
        description="Load a transaction log (Online Retail or CDNOW format) into Odoo."
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV or CSV.GZ")
    parser.add_argument("-d", "--database", required=True)
    parser.add_argument(
        "--limit-customers", type=int, metavar="N", help="load N customers only"
    )
    parser.add_argument(
        "--reject-file", type=Path, metavar="PATH", help="default: FILE.rejects.csv"
    )
    parser.add_argument(
        "--email-domain",
        metavar="DOMAIN",
        help="give customers an invented address of DOMAIN; logs hold none",
    )
    parser.add_argument(
        "--shift-to-today",
        action="store_true",
        help="move all dates by the same number of weeks, so that the last is recent",
    )
    return parser.parse_args(arguments)


def main(arguments):
    options = read_arguments(arguments)
    try:
        log = read_log(options.file)
    except LogError as error:
        sys.exit(f"Loader: {error}")
    reject_file = options.reject_file or Path(f"{options.file.name}.rejects.csv")
    if log.rejected:
        log.write_rejects(reject_file)
    print_rejects(log, reject_file)
    check_database(options.database)
    try:
        with odoo_environment(options.database, "--log-level=warn") as env:
            report = load(
                env,
                log,
                limit_customers=options.limit_customers,
                email_domain=options.email_domain,
                shift_to_today=options.shift_to_today,
            )
    except LogError as error:
        sys.exit(f"Loader: {error}")
    print_report(report)


if __name__ == "__main__":
    main(sys.argv[1:])

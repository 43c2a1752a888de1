"""The loader on a database: complete, and resumable after it was killed."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import postgres
import template_databases
from transactions.documents import first_customers, group_documents
from transactions.payment_behaviour import payment_date
from transactions.transaction_log import read_log

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "data" / "online_retail_sample.csv.gz"
CUSTOMERS = 12
# Small batches, so that there is something left to load when the loader is killed.
LOADER = """
import sys
sys.path.insert(0, {dev!r})
import load_transactions
load_transactions.BATCH_LINES = 40
load_transactions.main({arguments!r})
"""
TIMEOUT = 300


@pytest.fixture(scope="module")
def database():
    name = f"{template_databases.database_prefix()}_loader"
    template_databases.copy(template_databases.full_stock_template(), name)
    yield name
    template_databases.drop(name)


def start_loader(database, rejects):
    arguments = ["-d", database, "--limit-customers", str(CUSTOMERS)]
    arguments += ["--reject-file", str(rejects), str(SAMPLE)]
    program = LOADER.format(dev=str(ROOT / "dev"), arguments=arguments)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def query(database, sql):
    output = postgres.client_command(
        "psql", "-XAtc", f"SELECT row_to_json(r) FROM ({sql}) r", database
    )
    return [json.loads(line) for line in output.splitlines()]


def contents(database):
    """Return what is in the books, without the ids."""
    return {
        "orders": query(
            database,
            "SELECT client_order_ref AS ref, date_order, amount_total, state "
            "FROM sale_order ORDER BY ref",
        ),
        "moves": query(
            database,
            "SELECT ref, move_type, invoice_date, amount_total, amount_residual, "
            "payment_state, state FROM account_move ORDER BY ref, move_type",
        ),
        "totals": query(
            database,
            "SELECT (SELECT count(*) FROM res_partner WHERE ref > '') AS partners,"
            " (SELECT count(*) FROM product_product) AS products,"
            " (SELECT count(*) FROM account_payment) AS payments,"
            " (SELECT count(*) FROM mail_mail) AS mails,"
            " (SELECT sum(balance) FROM account_move_line) AS balance",
        ),
    }


def test_killed_load_is_completed_and_nothing_doubled(database, tmp_path):
    rejects = tmp_path / "rejects.csv"
    killed = start_loader(database, rejects)
    try:
        wait_for_first_batch(database, killed)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    done = len(contents(database)["orders"])
    documents = expected_documents()
    orders = [document for document in documents if not document.is_return]
    assert 0 < done < len(orders)
    run_to_the_end(database, rejects)
    first = contents(database)
    check_books(first, documents)
    run_to_the_end(database, rejects)
    assert contents(database) == first
    with rejects.open(newline="") as source:
        reasons = {row["reason"] for row in csv.DictReader(source)}
    assert "customer is unknown" in reasons


def wait_for_first_batch(database, process):
    end = time.monotonic() + TIMEOUT
    while not contents(database)["orders"]:
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < end
        time.sleep(0.1)


def run_to_the_end(database, rejects):
    process = start_loader(database, rejects)
    output, _errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0, output


def expected_documents():
    return group_documents(first_customers(read_log(SAMPLE).lines, CUSTOMERS))


def amount(document):
    return round(
        sum(round(abs(line.quantity) * line.unit_price, 2) for line in document.lines),
        2,
    )


def check_books(books, documents):
    """Compare the books with the log, document by document."""
    orders = {order["ref"]: order for order in books["orders"]}
    moves = {
        move["ref"]: move for move in books["moves"] if move["move_type"] != "entry"
    }
    last = documents[-1].date
    assert len(moves) == len(documents)
    for document in documents:
        move = moves[document.key]
        assert move["move_type"] == (
            "out_refund" if document.is_return else "out_invoice"
        )
        assert move["state"] == "posted"
        assert move["invoice_date"] == document.date.date().isoformat()
        assert move["amount_total"] == amount(document)
        is_paid = payment_date(document, last) is not None or not amount(document)
        assert (move["payment_state"] == "paid") == is_paid
        assert move["amount_residual"] == (0 if is_paid else amount(document))
        if not document.is_return:
            order = orders[document.key]
            assert order["state"] == "sale"
            assert order["date_order"] == document.date.isoformat()
            assert order["amount_total"] == amount(document)
    [totals] = books["totals"]
    assert totals["partners"] == CUSTOMERS
    assert totals["balance"] == 0
    assert totals["mails"] == 0

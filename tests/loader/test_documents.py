"""How lines become documents, products and payments. Needs no Odoo."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from transactions.catalogue import build_catalogue
from transactions.documents import (
    Document,
    first_customers,
    group_documents,
    shift_to,
    shifted,
)
from transactions.log_line import LogLine
from transactions.payment_behaviour import payment_date
from transactions.transaction_log import read_log

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "online_retail_sample.csv.gz"


def make_line(invoice, when, *, customer="1", code="22041", text="MUG", price=1.0):
    return LogLine(
        number=1,
        invoice=invoice,
        stock_code=code,
        description=text,
        quantity=-1 if invoice.startswith("C") else 1,
        date=datetime.fromisoformat(when),
        unit_price=price,
        customer=customer,
        country="France",
        is_return=invoice.startswith("C"),
    )


def test_lines_of_an_invoice_are_one_document_dated_by_the_first():
    lines = [
        make_line("2", "2011-05-01"),
        make_line("1", "2011-02-01T10:02"),
        make_line("1", "2011-02-01T10:01"),
        make_line("C3", "2011-03-01"),
    ]
    documents = group_documents(lines)
    assert [document.key for document in documents] == ["1", "C3", "2"]
    assert documents[0].date == datetime(2011, 2, 1, 10, 1)
    assert [document.is_return for document in documents] == [False, True, False]
    assert len(documents[0].lines) == 2


def test_first_customers_keep_all_of_their_lines():
    lines = [make_line(str(n), "2011-01-01", customer=c) for n, c in enumerate("abacb")]
    assert [line.customer for line in first_customers(lines, 2)] == list("abab")


def test_shift_moves_all_dates_by_the_same_whole_weeks():
    documents = group_documents(
        [make_line("1", "2011-01-03T09:00"), make_line("2", "2011-01-12T17:00")]
    )
    today = datetime(2026, 11, 23, 8, 0)
    moved = shifted(documents, shift_to(documents, today))
    early, late = (document.date for document in moved)
    assert late - early == timedelta(days=9, hours=8)
    assert late.weekday() == documents[1].date.weekday()
    assert timedelta(0) <= today - late < timedelta(weeks=1)
    assert shift_to([], today) == timedelta()


def test_product_is_named_by_its_most_frequent_description():
    texts = ["RED MUG", "", "RED MUG", "red mug?"]
    lines = [
        make_line("1", "2011-01-01", text=text, price=n) for n, text in enumerate(texts)
    ]
    product = build_catalogue(lines)["22041"]
    assert (product.name, product.price, product.is_service) == ("Red Mug", 1.5, False)


@pytest.mark.parametrize("code", ["POST", "M", "C2", "BANK CHARGES"])
def test_codes_of_fees_are_services(code):
    product = build_catalogue([make_line("1", "2011-01-01", code=code)])[code]
    assert product.is_service
    assert product.category == "Services"


def test_category_is_the_last_word_that_many_products_share():
    lines = [
        make_line(
            "1", "2011-01-01", code=str(20000 + n), text=f"SET OF {n} TEA MUGS IN BAG"
        )
        for n in range(20)
    ]
    lines.append(make_line("1", "2011-01-01", code="30000", text="TELESCOPE"))
    catalogue = build_catalogue(lines)
    assert catalogue["20003"].category == "Mug"
    assert catalogue["30000"].category == "Other Goods"


def documents_of_sample():
    return group_documents(read_log(SAMPLE).lines)


def test_payments_are_always_the_same_and_like_real_ones():
    documents = documents_of_sample()
    last = documents[-1].date
    days = [payment_date(document, last) for document in documents]
    assert days == [payment_date(document, last) for document in documents]
    paid = [
        (day - document.date.date()).days
        for document, day in zip(documents, days, strict=True)
        if day
    ]
    assert 0.75 < len(paid) / len(documents) < 0.95
    assert min(paid) >= 0
    assert 0.3 < sum(delay > 30 for delay in paid) / len(paid) < 0.7


def test_nothing_is_paid_after_the_end_of_the_log():
    document = Document("1", "1", datetime(2011, 12, 9), False, [])
    assert payment_date(document, document.date) in (None, date(2011, 12, 9))


def test_sample_holds_what_its_description_says():
    log = read_log(SAMPLE)
    documents = group_documents(log.lines)
    assert len(log.lines) + len(log.rejected) == 5488
    assert len({document.customer for document in documents}) == 200
    assert sum(document.is_return for document in documents) == 164
    assert dict(log.reject_reasons()) == {
        "customer is unknown": 42,
        "price is negative": 2,
    }
    assert SAMPLE.stat().st_size < 400_000

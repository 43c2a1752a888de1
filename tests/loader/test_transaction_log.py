"""What the loader makes of files, good and bad. Needs no Odoo."""

import csv
import gzip
import io
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transactions.log_formats import CdnowFormat, OnlineRetailFormat, split_in_cents
from transactions.transaction_log import LogError, read_log

LOADER = Path(__file__).resolve().parents[2] / "dev" / "load_transactions.py"
COLUMNS = OnlineRetailFormat.columns
GOOD = {
    "invoice": "536365",
    "stock_code": "85123a",
    "description": "WHITE  HANGING HEART ",
    "quantity": "6",
    "invoice_date": "2010-12-01 08:26:00",
    "unit_price": "2.55",
    "customer_id": "17850",
    "country": "United Kingdom",
}


@pytest.fixture
def write_log(tmp_path):
    def write(*changes, columns=COLUMNS):
        path = tmp_path / "log.csv"
        with path.open("w", newline="") as target:
            writer = csv.DictWriter(target, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows({**GOOD, **change} for change in changes)
        return path

    return write


def test_good_line_is_read_with_its_types(write_log):
    [line] = read_log(write_log({})).lines
    assert line.number == 2
    assert (line.invoice, line.stock_code, line.customer) == (
        "536365",
        "85123A",
        "17850",
    )
    assert line.description == "WHITE HANGING HEART"
    assert (line.quantity, line.unit_price) == (6, 2.55)
    assert line.date.isoformat() == "2010-12-01T08:26:00"
    assert line.is_return is False


def test_return_is_known_by_its_prefix(write_log):
    [line] = read_log(write_log({"invoice": "c536379", "quantity": "-1"})).lines
    assert line.is_return
    assert line.quantity == -1


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("customer_id", " ", "customer is unknown"),
        ("quantity", "0", "quantity is zero"),
        ("quantity", "1.5", "quantity is not a whole number"),
        ("quantity", "six", "quantity is not a whole number"),
        ("quantity", "1_000", "quantity is not a whole number"),
        ("quantity", "٣", "quantity is not a whole number"),
        ("quantity", "-1", "negative quantity outside a return"),
        ("quantity", "99999999", "quantity is too large"),
        ("unit_price", "-0.01", "price is negative"),
        ("unit_price", "nan", "price is not a number"),
        ("unit_price", "inf", "price is not a number"),
        ("unit_price", "2,55", "price is not a number"),
        ("unit_price", "1e99", "price is too large"),
        ("invoice_date", "2010-02-30", "date is broken"),
        ("invoice_date", "01/12/2010", "date is broken"),
        ("invoice_date", "2999-01-01", "date lies in the future"),
        ("invoice_date", "0001-01-01", "date is before 1970"),
        ("invoice", "", "invoice number is missing"),
        ("stock_code", "", "stock code is missing"),
        ("description", "a\0b", "line holds a NUL character"),
    ],
)
def test_bad_line_is_refused_with_number_and_reason(write_log, column, value, reason):
    log = read_log(write_log({}, {column: value}, {}))
    assert [line.number for line in log.lines] == [2, 4]
    [rejected] = log.rejected
    assert rejected.number == 3
    assert len(rejected.reasons) == 1
    assert rejected.reasons[0].startswith(reason)
    assert value in rejected.row


def test_every_reason_of_a_line_is_named(write_log):
    log = read_log(write_log({"quantity": "0", "unit_price": "-1", "customer_id": ""}))
    assert log.lines == []
    assert dict(log.reject_reasons()) == {
        "quantity is zero": 1,
        "price is negative": 1,
        "customer is unknown": 1,
    }


def test_positive_quantity_in_a_return_is_refused(write_log):
    [rejected] = read_log(write_log({"invoice": "C1"})).rejected
    assert rejected.reasons == ("positive quantity in a return",)


def test_line_of_another_customer_is_refused(write_log):
    log = read_log(write_log({}, {"customer_id": "2"}, {}))
    assert [line.number for line in log.lines] == [2, 4]
    assert log.rejected[0].reasons == ("invoice belongs to another customer",)


def test_line_with_missing_values_is_refused(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(f"{','.join(COLUMNS)}\n536365,85123A,X,6\n")
    [rejected] = read_log(path).rejected
    assert rejected.reasons == ("4 values instead of 8",)


def test_missing_columns_are_named_and_nothing_is_read(write_log):
    path = write_log({}, columns=[name for name in COLUMNS if name != "unit_price"])
    with pytest.raises(LogError, match="Missing columns: unit_price"):
        read_log(path)


def test_empty_file_is_no_log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("")
    with pytest.raises(LogError, match="Found: nothing"):
        read_log(path)


def test_repeated_column_is_refused(write_log):
    with pytest.raises(LogError, match="Repeated columns: country"):
        read_log(write_log({}, columns=[*COLUMNS, "country"]))


def test_missing_file_is_told(tmp_path):
    with pytest.raises(LogError, match="cannot be read: No such file"):
        read_log(tmp_path / "absent.csv")


def test_damaged_gzip_is_told(write_log, tmp_path):
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(write_log({}, {}).read_bytes())[:-12])
    with pytest.raises(LogError, match="damaged gzip"):
        read_log(path)


def test_text_that_is_not_utf8_is_refused(write_log):
    path = write_log({}, {"description": "caf"})
    path.write_bytes(path.read_bytes().replace(b"caf", b"caf\xe9"))
    [rejected] = read_log(path).rejected
    assert rejected.reasons == ("line is not UTF-8 text",)


def test_byte_order_mark_and_line_breaks_in_values(write_log):
    path = write_log({"description": "two\nlines"}, {"quantity": "0"})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    log = read_log(path)
    assert log.lines[0].description == "two lines"
    assert log.rejected[0].number == 4


def test_reject_file_holds_number_reason_and_values(write_log, tmp_path):
    log = read_log(write_log({}, {"quantity": "0", "customer_id": ""}))
    log.write_rejects(tmp_path / "rejects.csv")
    with (tmp_path / "rejects.csv").open(newline="") as source:
        [row] = csv.DictReader(source)
    assert row["line"] == "3"
    assert row["reason"] == "quantity is zero; customer is unknown"
    assert row["description"] == GOOD["description"]


def test_cdnow_purchases_of_a_day_are_one_order(tmp_path):
    path = tmp_path / "cdnow.csv"
    path.write_text(
        "customer_id,date,cds,spend\n"
        "00002,1997-01-12,1,12.0\n00002,1997-01-12,5,77.0\n00002,1997-01-13,0,1\n"
    )
    log = read_log(path)
    assert log.name == CdnowFormat.name
    assert {line.invoice for line in log.lines} == {"00002-19970112"}
    assert sum(line.quantity * line.unit_price for line in log.lines) == 89.0
    assert log.rejected[0].reasons == ("quantity is zero",)


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(0, 10**6))
def test_split_in_cents_keeps_pieces_and_sum(quantity, cents):
    parts = split_in_cents(quantity, cents / 100)
    assert sum(count for count, _price in parts) == quantity
    assert sum(round(price * 100) * count for count, price in parts) == cents


ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
ANY_VALUE = st.one_of(
    ANY_TEXT,
    st.integers(-(10**9), 10**9).map(str),
    st.floats().map(str),
    st.datetimes().map(str),
)


@settings(deadline=None)
@given(st.lists(st.lists(ANY_VALUE, min_size=8, max_size=8), max_size=8))
def test_any_file_is_split_into_sound_and_refused_lines(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("logs") / "log.csv"
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode())
    log = read_log(path)
    numbers = [line.number for line in log.lines] + [bad.number for bad in log.rejected]
    assert len(numbers) == len(set(numbers)) == len(rows)
    for line in log.lines:
        assert line.invoice and line.stock_code and line.customer
        assert line.quantity and (line.quantity < 0) == line.is_return
        assert math.isfinite(line.unit_price) and line.unit_price >= 0
        assert "\0" not in "".join(map(str, line))
    assert all(bad.reasons for bad in log.rejected)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_log_or_a_clear_refusal(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("logs") / "log.csv"
    header = ",".join(COLUMNS).encode()
    for data in (
        content,
        header + b"\n" + content,
        gzip.compress(header)[:-4] + content,
    ):
        path.write_bytes(data)
        try:
            log = read_log(path)
        except LogError as error:
            assert str(path) in str(error)
        else:
            assert all(bad.reasons for bad in log.rejected)


def test_wrong_columns_end_the_program_before_it_opens_a_database(write_log):
    path = write_log({}, columns=["invoice", "amount"])
    done = subprocess.run(
        [sys.executable, LOADER, "-d", "no_such_database", path],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Loader: {path} is not a transaction log")
    assert done.stdout == ""

"""The formats of transaction logs that can be read.

A format turns a row into lines. Each problem of the row is reported, so that a file is
mended in one pass; a row with problems gives no line.
"""

import re
from datetime import datetime

from .log_line import LogLine

# float() and int() also take "nan", "1_000" and the digits of other scripts.
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,2})?", re.ASCII)
LARGEST_QUANTITY = 10_000_000
LARGEST_PRICE = 100_000_000.0
# Documents of another century are broken dates, whatever they say.
OLDEST_YEAR = 1970
DAMAGED_TEXT = "\ufffd"


class OnlineRetailFormat:
    """One row per line of an invoice; an invoice named C... is a return."""

    name = "online_retail"
    columns = (
        "invoice", "stock_code", "description", "quantity", "invoice_date",
        "unit_price", "customer_id", "country",
    )  # fmt: skip

    def read(self, number, row):
        """Return the lines of ``row`` and the reasons to refuse it."""
        reasons = text_problems(row)
        invoice = row["invoice"].strip().upper()
        is_return = invoice.startswith("C")
        quantity = read_quantity(row["quantity"], reasons)
        if quantity and is_return != (quantity < 0):
            reasons.append(
                "positive quantity in a return"
                if is_return
                else "negative quantity outside a return"
            )
        for column, label in (
            (invoice, "invoice number is missing"),
            (row["stock_code"].strip(), "stock code is missing"),
        ):
            if not column:
                reasons.append(label)
        line = LogLine(
            number=number,
            invoice=invoice,
            stock_code=row["stock_code"].strip().upper(),
            description=" ".join(row["description"].split()),
            quantity=quantity,
            date=read_date(row["invoice_date"], reasons),
            unit_price=read_price(row["unit_price"], reasons),
            customer=read_customer(row["customer_id"], reasons),
            country=row["country"].strip(),
            is_return=is_return,
        )
        return ([] if reasons else [line]), reasons


class CdnowFormat:
    """One row per purchase of compact discs; the purchases of a day are one order."""

    name = "cdnow"
    columns = ("customer_id", "date", "cds", "spend")
    stock_code = "CD"
    description = "Compact disc"

    def read(self, number, row):
        """Return the lines of ``row`` and the reasons to refuse it."""
        reasons = text_problems(row)
        quantity = read_quantity(row["cds"], reasons)
        if quantity and quantity < 0:
            reasons.append("negative quantity outside a return")
        spend = read_price(row["spend"], reasons)
        date = read_date(row["date"], reasons)
        customer = read_customer(row["customer_id"], reasons)
        if reasons:
            return [], reasons
        return [
            LogLine(
                number=number,
                invoice=f"{customer}-{date:%Y%m%d}",
                stock_code=self.stock_code,
                description=self.description,
                quantity=count,
                date=date,
                unit_price=price,
                customer=customer,
                country="",
                is_return=False,
            )
            for count, price in split_in_cents(quantity, spend)
        ], []


FORMATS = (OnlineRetailFormat(), CdnowFormat())


def split_in_cents(quantity, spend):
    """Share ``spend`` among ``quantity`` pieces: prices in cents, and the same sum."""
    price, dearer = divmod(round(spend * 100), quantity)
    parts = [(quantity - dearer, price / 100), (dearer, (price + 1) / 100)]
    return [(count, unit_price) for count, unit_price in parts if count]


def text_problems(row):
    reasons = []
    values = "".join(row.values())
    if "\0" in values:
        reasons.append("line holds a NUL character")
    if DAMAGED_TEXT in values:
        reasons.append("line is not UTF-8 text")
    return reasons


def read_quantity(text, reasons):
    text = text.strip()
    number = float(text) if NUMBER.fullmatch(text) else None
    if number is None or number != int(number):
        reasons.append("quantity is not a whole number")
        return None
    if number == 0:
        reasons.append("quantity is zero")
    if abs(number) > LARGEST_QUANTITY:
        reasons.append("quantity is too large")
    return int(number)


def read_price(text, reasons):
    text = text.strip()
    if not NUMBER.fullmatch(text):
        reasons.append("price is not a number")
        return None
    price = float(text)
    if price < 0:
        reasons.append("price is negative")
    if price > LARGEST_PRICE:
        reasons.append("price is too large")
    return price


def read_date(text, reasons):
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        reasons.append("date is broken (expected YYYY-MM-DD or YYYY-MM-DD HH:MM:SS)")
        return None
    date = date.replace(tzinfo=None, microsecond=0)
    if date.year < OLDEST_YEAR:
        reasons.append(f"date is before {OLDEST_YEAR}")
    elif date > datetime.now():
        reasons.append("date lies in the future")
    return date


def read_customer(text, reasons):
    # Spreadsheets write the identifiers of a column with gaps as 17850.0.
    customer = text.strip().removesuffix(".0")
    if not customer:
        reasons.append("customer is unknown")
    return customer

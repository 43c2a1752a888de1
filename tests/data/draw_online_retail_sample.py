"""Draw online_retail_sample.csv.gz from the full Online Retail set, always the same.

::

    .venv/bin/python tests/data/draw_online_retail_sample.py FULL.csv.gz
"""

import csv
import gzip
import io
import sys
from collections import defaultdict
from hashlib import sha256
from pathlib import Path

TARGET = Path(__file__).with_name("online_retail_sample.csv.gz")
CUSTOMERS = 200
# The rest of the customers is drawn from the home country, as in the full set.
ABROAD_SHARE = 0.25
HOME = "United Kingdom"
LINES_PER_INVOICE = 7
BAD_LINES = 40
VALUE_CLASSES = 5


def position(*names):
    """Return a number that depends on ``names`` alone and orders them at random."""
    return sha256("\0".join(names).encode()).hexdigest()


def draw_customers(rows):
    """Return customers from every class of value, at home and abroad."""
    value, country = defaultdict(float), {}
    for row in rows:
        customer = row["customer_id"]
        if customer:
            value[customer] += int(row["quantity"]) * float(row["unit_price"])
            country.setdefault(customer, row["country"])
    chosen = set()
    for at_home, share in ((True, 1 - ABROAD_SHARE), (False, ABROAD_SHARE)):
        ranked = sorted(
            (name for name in value if (country[name] == HOME) == at_home),
            key=lambda name: (value[name], name),
        )
        size = len(ranked) // VALUE_CLASSES
        wanted = round(CUSTOMERS * share / VALUE_CLASSES)
        for number in range(VALUE_CLASSES):
            members = ranked[number * size : (number + 1) * size]
            chosen.update(sorted(members, key=position)[:wanted])
    return chosen


def draw_lines(rows, customers):
    """Return the numbers of the chosen lines: some per invoice, and some bad ones."""
    by_invoice, bad = defaultdict(list), []
    for number, row in enumerate(rows):
        if row["customer_id"] in customers:
            by_invoice[row["invoice"]].append(number)
        elif not row["customer_id"]:
            bad.append(number)
    chosen = set()
    for numbers in by_invoice.values():
        chosen.update(drawn(numbers)[:LINES_PER_INVOICE])
    negative_price = [n for n in bad if float(rows[n]["unit_price"]) < 0]
    chosen.update(negative_price)
    chosen.update(drawn(bad)[:BAD_LINES])
    return sorted(chosen)


def drawn(numbers):
    return sorted(numbers, key=lambda number: position(str(number)))


def main(source):
    with gzip.open(source, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    chosen = draw_lines(rows, draw_customers(rows))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows[number] for number in chosen)
    # Without name and time the file is the same byte by byte.
    with (
        TARGET.open("wb") as target,
        gzip.GzipFile("", "wb", 9, target, mtime=0) as packed,
    ):
        packed.write(text.getvalue().encode())


if __name__ == "__main__":
    main(sys.argv[1])

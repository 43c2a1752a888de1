"""Group the lines of a log into the documents of the back office."""

from datetime import datetime, timedelta
from typing import NamedTuple

from .log_line import LogLine


class Document(NamedTuple):
    """An order with its invoice, or a return with its credit note."""

    key: str
    customer: str
    date: datetime
    is_return: bool
    lines: list[LogLine]


def group_documents(lines):
    """Return the documents of ``lines``, the oldest first."""
    by_invoice = {}
    for line in lines:
        by_invoice.setdefault(line.invoice, []).append(line)
    documents = [
        Document(
            key=invoice,
            customer=members[0].customer,
            date=min(line.date for line in members),
            is_return=members[0].is_return,
            lines=members,
        )
        for invoice, members in by_invoice.items()
    ]
    return sorted(documents, key=lambda document: (document.date, document.key))


def first_customers(lines, limit):
    """Return the lines of the ``limit`` customers who come first in the log."""
    customers = {}
    for line in lines:
        customers.setdefault(line.customer, len(customers))
    return [line for line in lines if customers[line.customer] < limit]


def shift_to(documents, last_day):
    """Return by how many weeks ``documents`` move for the last to be just before a day.

    Weeks, not days: shops have a rhythm over the week.
    """
    if not documents:
        return timedelta()
    gap = last_day - max(document.date for document in documents)
    return timedelta(weeks=gap.days // 7)


def shifted(documents, shift):
    return [document._replace(date=document.date + shift) for document in documents]

"""One line of a transaction log, read or refused."""

from datetime import datetime
from typing import NamedTuple


class LogLine(NamedTuple):
    """A line that can be loaded."""

    number: int
    invoice: str
    stock_code: str
    description: str
    quantity: int
    date: datetime
    unit_price: float
    customer: str
    country: str
    is_return: bool


class RejectedLine(NamedTuple):
    """A line that cannot be loaded, why, and what stood in it."""

    number: int
    reasons: tuple[str, ...]
    row: list[str]

"""A case as a log tells it."""

from datetime import datetime
from typing import NamedTuple


class CaseRow(NamedTuple):
    """A case of a log, whatever the log's format.

    ``waits`` are times in which it waited for its customer, (from, to or None);
    ``timely`` is the log's own judgement, None where it has none.
    """

    key: str
    name: str
    case_type: str
    channel: str
    received: datetime
    categories: tuple[str, ...] = ()
    customer: str | None = None
    agent: str | None = None
    text: str = ""
    acknowledged: datetime | None = None
    responded: datetime | None = None
    closed: datetime | None = None
    is_solved: bool = False
    waits: tuple[tuple[datetime, datetime | None], ...] = ()
    note: str = ""
    timely: bool | None = None


class Reject(NamedTuple):
    """A case that can't be loaded, and why."""

    key: str
    reason: str

"""Events of a helpdesk: a line per step of a ticket.

Taken in charge: the customer is acknowledged. The first answer is the first time that
the ticket waits for him or is resolved. It is solved with the last "Resolve ticket":
"Closed" follows weeks later by itself.
"""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise

from .case_row import CaseRow, Reject

HELPDESK_COLUMNS = {
    "activity",
    "case_id",
    "complete_timestamp",
    "customer",
    "product",
    "resource",
}
TAKEN, WAIT, RESOLVED, CLOSED = (
    "Take in charge ticket",
    "Wait",
    "Resolve ticket",
    "Closed",
)


def read_tickets(rows):
    """Return (cases, rejects) of the rows."""
    tickets, broken = defaultdict(list), {}
    for row in rows:
        key = row["case_id"].strip()
        try:
            moment = datetime.fromisoformat(row["complete_timestamp"])
        except ValueError:
            broken.setdefault(key, "complete_timestamp is no date")
            continue
        tickets[key].append((moment, row))
    if "" in tickets:
        broken[""] = "no case_id"
    cases = [
        read_ticket(key, events) for key, events in tickets.items() if key not in broken
    ]
    return cases, [Reject(key, reason) for key, reason in broken.items()]


def read_ticket(key, events):
    """Return the ticket of its events."""
    events.sort(key=lambda event: event[0])
    moments = defaultdict(list)
    for moment, row in events:
        moments[row["activity"]].append(moment)
    last_row = events[-1][1]
    is_solved = last_row["activity"] in (RESOLVED, CLOSED)
    resolved = moments[RESOLVED] or moments[CLOSED]
    answered = moments[WAIT][:1] + moments[RESOLVED][:1]
    return CaseRow(
        key,
        f"{key}: {last_row['product']}",
        "incident",
        "portal",
        events[0][0],
        categories=("Software", last_row["product"]),
        customer=last_row["customer"],
        agent=last_row["resource"],
        acknowledged=moments[TAKEN][0] if moments[TAKEN] else None,
        responded=min(answered, default=None),
        closed=resolved[-1] if is_solved and resolved else None,
        is_solved=is_solved and bool(resolved),
        waits=tuple(read_waits(events)),
    )


def read_waits(events):
    """Yield (from, to) of each time that the ticket waited for its customer."""
    for (moment, row), (next_moment, _next_row) in pairwise(events):
        if row["activity"] == WAIT:
            yield moment, next_moment
    if events[-1][1]["activity"] == WAIT:
        yield events[-1][0], None

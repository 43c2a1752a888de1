"""Complaints as the US Consumer Financial Protection Bureau publishes them.

The file has no customers and no date of the answer, only whether it came in time.
"""

from datetime import datetime

from .case_row import CaseRow, Reject

CFPB_COLUMNS = {
    "complaint_id",
    "company",
    "company_response",
    "date_received",
    "issue",
    "narrative",
    "product",
    "submitted_via",
    "sub_issue",
    "timely_response",
}
CHANNELS = {"Web": "portal", "Phone": "phone", "Email": "email"}
STILL_OPEN = "In progress"
TIMELY = {"Yes": True, "No": False}


def read_complaints(rows):
    """Return (cases, rejects) of the rows."""
    cases, rejects, seen = [], [], set()
    for row in rows:
        key = row["complaint_id"].strip()
        reason = find_fault(row, key, seen)
        if reason:
            rejects.append(Reject(key, reason))
            continue
        seen.add(key)
        cases.append(read_complaint(row, key))
    return cases, rejects


def find_fault(row, key, seen):
    """Return why a row can't be loaded, or None."""
    if not key:
        return "no complaint_id"
    if key in seen:
        return "complaint_id occurs twice"
    if not row["issue"].strip():
        return "no issue"
    try:
        datetime.fromisoformat(row["date_received"])
    except ValueError:
        return "date_received is no date"
    if row["timely_response"] not in TIMELY:
        return "timely_response is neither Yes nor No"
    return None


def read_complaint(row, key):
    return CaseRow(
        key,
        row["issue"].strip(),
        "complaint",
        CHANNELS.get(row["submitted_via"], "internal"),
        datetime.fromisoformat(row["date_received"]),
        categories=(row["product"].strip(), row["issue"].strip()),
        text=row["narrative"].strip(),
        is_solved=row["company_response"] != STILL_OPEN,
        note=f"{row['company']}: {row['company_response']}",
        timely=TIMELY[row["timely_response"]],
    )

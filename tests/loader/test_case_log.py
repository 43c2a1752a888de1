"""Logs of cases: what is read, what is rejected and why."""

import csv
import os
from datetime import datetime
from pathlib import Path

import pytest

from case_logs.case_log import CaseLogError, read_case_log

COMPLAINT = {
    "complaint_id": "1",
    "company": "Bank",
    "company_response": "Closed with explanation",
    "date_received": "2019-10-25",
    "issue": "Wrong amount",
    "narrative": "They <b>lost</b> it.",
    "product": "Mortgage",
    "submitted_via": "Web",
    "sub_issue": "",
    "timely_response": "Yes",
}
EVENT = {
    "case_id": "Case 1",
    "activity": "Take in charge ticket",
    "resource": "Value 3",
    "complete_timestamp": "2012-10-09 14:50:17",
    "customer": "Value 7",
    "product": "Value 2",
}


def write(path, rows):
    with path.open("w", newline="") as target:
        writer = csv.DictWriter(target, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_complaints(tmp_path, *changes):
    rows = [
        {**COMPLAINT, "complaint_id": str(number), **change}
        for number, change in enumerate(changes)
    ]
    return read_case_log(write(tmp_path / "complaints.csv", rows))


def read_events(tmp_path, *events):
    rows = [
        {**EVENT, "activity": activity, "complete_timestamp": moment}
        for activity, moment in events
    ]
    return read_case_log(write(tmp_path / "events.csv", rows))


def test_a_complaint(tmp_path):
    log = read_complaints(tmp_path, {}, {"submitted_via": "Fax"})
    first, second = log.cases
    assert (log.name, log.rejects) == ("cfpb", [])
    assert first.categories == ("Mortgage", "Wrong amount")
    assert (first.channel, second.channel) == ("portal", "internal")
    assert first.received == datetime(2019, 10, 25)
    assert first.is_solved and first.timely
    assert first.closed is None, "the log does not say when"


def test_a_complaint_in_progress_is_open(tmp_path):
    (case,) = read_complaints(tmp_path, {"company_response": "In progress"}).cases
    assert not case.is_solved


def test_what_can_not_be_loaded_is_listed_with_its_reason(tmp_path):
    log = read_complaints(
        tmp_path,
        {},
        {"complaint_id": ""},
        {"complaint_id": "0"},
        {"date_received": "yesterday"},
        {"issue": " "},
        {"timely_response": "Perhaps"},
    )
    assert len(log.cases) == 1
    assert [reject.reason for reject in log.rejects] == [
        "no complaint_id",
        "complaint_id occurs twice",
        "date_received is no date",
        "no issue",
        "timely_response is neither Yes nor No",
    ]
    log.write_rejects(tmp_path / "rejects.csv")
    assert len((tmp_path / "rejects.csv").read_text().splitlines()) == 6


def test_a_ticket_with_its_waits(tmp_path):
    log = read_events(
        tmp_path,
        ("Closed", "2012-11-09 12:00:00"),
        ("Assign seriousness", "2012-10-09 14:00:00"),
        ("Take in charge ticket", "2012-10-09 15:00:00"),
        ("Wait", "2012-10-10 09:00:00"),
        ("Wait", "2012-10-10 11:00:00"),
        ("Resolve ticket", "2012-10-12 10:00:00"),
    )
    (case,) = log.cases
    assert case.received == datetime(2012, 10, 9, 14)
    assert case.acknowledged == datetime(2012, 10, 9, 15)
    assert case.responded == datetime(2012, 10, 10, 9)
    assert case.closed == datetime(2012, 10, 12, 10)
    assert case.waits == (
        (datetime(2012, 10, 10, 9), datetime(2012, 10, 10, 11)),
        (datetime(2012, 10, 10, 11), datetime(2012, 10, 12, 10)),
    )


def test_a_ticket_that_waits_at_the_end_goes_on_waiting(tmp_path):
    (case,) = read_events(tmp_path, ("Wait", "2012-10-10 09:00:00")).cases
    assert not case.is_solved
    assert case.waits == ((datetime(2012, 10, 10, 9), None),)


def test_a_ticket_with_a_broken_date_is_rejected(tmp_path):
    log = read_events(tmp_path, ("Wait", "2012-10-10 09:00:00"), ("Closed", "some day"))
    assert log.cases == []
    assert log.rejects[0].reason == "complete_timestamp is no date"


def test_another_file_is_refused(tmp_path):
    with pytest.raises(CaseLogError, match="neither"):
        read_case_log(write(tmp_path / "other.csv", [{"a": 1}]))


def shared(name):
    folders = [parent / "shared" / "data" for parent in Path(__file__).parents]
    if os.environ.get("CRM_SHARED_DATA"):
        folders.insert(0, Path(os.environ["CRM_SHARED_DATA"]))
    path = next((each / name for each in folders if (each / name).is_file()), None)
    return path or pytest.skip("the logs are not here: set CRM_SHARED_DATA")


def test_the_complaints_of_the_cfpb():
    log = read_case_log(shared("cfpb_complaints.csv.gz"))
    assert (len(log.cases), len(log.rejects)) == (6623, 0)
    timely = sum(case.timely for case in log.cases) / len(log.cases)
    assert round(100 * timely, 1) == 98.6


def test_the_events_of_the_helpdesk():
    log = read_case_log(shared("helpdesk_events.csv.gz"))
    assert (len(log.cases), len(log.rejects)) == (4580, 0)
    assert sum(len(case.waits) for case in log.cases) == 1463

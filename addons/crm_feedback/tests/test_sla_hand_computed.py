"""Deadlines computed by hand. The team works from 8 to 12 and from 13 to 17, local
time, Monday to Friday; moments are in UTC."""

from odoo.tests import freeze_time, tagged

from .feedback_case import FeedbackCase

MON, TUE, WED, THU = (f"2026-11-{day}" for day in (23, 24, 25, 26))
FRI, SAT, NEXT_MON = (f"2026-11-{day}" for day in (27, 28, 30))
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
KOLKATA, SYDNEY = "Asia/Kolkata", "Australia/Sydney"
# What is tried, start, promised hours, expected deadline, and what is special.
CASES = [
    ("within the morning", f"{MON} 09:00", 1, f"{MON} 10:00", {}),
    ("over lunch", f"{MON} 11:00", 2, f"{MON} 14:00", {}),
    ("begins at lunch", f"{MON} 12:30", 1, f"{MON} 14:00", {}),
    ("over night", f"{MON} 16:00", 2, f"{TUE} 09:00", {}),
    ("begins as work ends", f"{MON} 17:00", 1, f"{TUE} 09:00", {}),
    ("begins before work", f"{MON} 03:00", 1, f"{MON} 09:00", {}),
    ("over the weekend", f"{FRI} 16:30", 1, f"{NEXT_MON} 08:30", {}),
    ("begins on Saturday", f"{SAT} 10:00", 4, f"{NEXT_MON} 12:00", {}),
    ("exactly a day", f"{MON} 08:00", 8, f"{MON} 17:00", {}),
    ("exactly a week", f"{MON} 08:00", 40, f"{FRI} 17:00", {}),
    ("a week and a quarter", f"{MON} 08:00", 40.25, f"{NEXT_MON} 08:15", {}),
    ("ends with the morning", f"{MON} 11:45", 0.25, f"{MON} 12:00", {}),
    (
        "over a holiday",
        f"{MON} 16:00",
        2,
        f"{WED} 09:00",
        {"holidays": [(f"{TUE} 00:00", f"{TUE} 23:59")]},
    ),
    (
        "begins on a holiday",
        f"{TUE} 10:00",
        1,
        f"{WED} 09:00",
        {"holidays": [(f"{TUE} 00:00", f"{TUE} 23:59")]},
    ),
    (
        "half a day off",
        f"{MON} 16:00",
        6,
        f"{WED} 09:00",
        {"holidays": [(f"{TUE} 12:00", f"{TUE} 23:59")]},
    ),
    (
        "two holidays and a weekend",
        f"{WED} 16:00",
        3,
        f"{NEXT_MON} 10:00",
        {
            "holidays": [
                (f"{THU} 00:00", f"{THU} 23:59"),
                (f"{FRI} 00:00", f"{FRI} 23:59"),
            ]
        },
    ),
    (
        "summer time ends in Berlin",
        "2026-10-23 14:00",
        2,
        "2026-10-26 08:00",
        {"tz": BERLIN},
    ),
    (
        "summer time begins in Berlin",
        "2026-03-27 15:00",
        2,
        "2026-03-30 07:00",
        {"tz": BERLIN},
    ),
    (
        "summer time ends in New York",
        "2026-10-30 20:00",
        2,
        "2026-11-02 14:00",
        {"tz": NEW_YORK},
    ),
    (
        "summer time begins in New York",
        "2026-03-06 20:30",
        2,
        "2026-03-09 12:30",
        {"tz": NEW_YORK},
    ),
    ("half an hour off UTC", f"{MON} 05:00", 2, f"{MON} 08:00", {"tz": KOLKATA}),
    (
        "summer time begins in Sydney",
        "2026-10-02 06:00",
        2,
        "2026-10-04 22:00",
        {"tz": SYDNEY},
    ),
    (
        "one pause",
        f"{MON} 09:00",
        2,
        f"{MON} 12:00",
        {"pauses": [(f"{MON} 10:00", f"{MON} 11:00")]},
    ),
    (
        "a pause over lunch",
        f"{MON} 09:00",
        4,
        f"{MON} 15:00",
        {"pauses": [(f"{MON} 11:30", f"{MON} 13:30")]},
    ),
    (
        "three pauses",
        f"{MON} 08:00",
        8,
        f"{TUE} 13:30",
        {
            "pauses": [
                (f"{MON} 09:00", f"{MON} 09:30"),
                (f"{MON} 11:00", f"{MON} 14:00"),
                (f"{TUE} 08:00", f"{TUE} 10:00"),
            ]
        },
    ),
    (
        "a pause while nobody works",
        f"{MON} 16:00",
        2,
        f"{TUE} 09:00",
        {"pauses": [(f"{MON} 18:00", f"{TUE} 07:00")]},
    ),
    (
        "pauses that overlap",
        f"{MON} 09:00",
        3,
        f"{MON} 16:00",
        {
            "pauses": [
                (f"{MON} 10:00", f"{MON} 12:00"),
                (f"{MON} 11:00", f"{MON} 14:00"),
            ]
        },
    ),
    (
        "a pause over the weekend",
        f"{FRI} 15:00",
        3,
        f"{NEXT_MON} 11:00",
        {"pauses": [(f"{FRI} 16:00", f"{NEXT_MON} 09:00")]},
    ),
    (
        "a pause that began earlier",
        f"{MON} 09:00",
        1,
        f"{MON} 11:00",
        {"pauses": [(f"{MON} 08:00", f"{MON} 10:00")]},
    ),
    (
        "a policy prolonged midway keeps its pause",
        f"{MON} 09:00",
        4,
        f"{TUE} 10:00",
        {"pauses": [(f"{MON} 10:00", f"{MON} 14:00")], "changed_to": 6},
    ),
    (
        "a policy shortened midway keeps its pause",
        f"{MON} 09:00",
        16,
        f"{MON} 17:00",
        {"pauses": [(f"{MON} 10:00", f"{MON} 14:00")], "changed_to": 4},
    ),
    (
        "a holiday within a pause",
        f"{MON} 14:00",
        2,
        f"{WED} 10:00",
        {
            "holidays": [(f"{TUE} 00:00", f"{TUE} 23:59")],
            "pauses": [(f"{MON} 15:00", f"{WED} 09:00")],
        },
    ),
    (
        "a pause over the end of summer time",
        "2026-10-23 13:00",
        3,
        "2026-10-26 10:00",
        {"tz": BERLIN, "pauses": [("2026-10-23 14:00", "2026-10-26 08:00")]},
    ),
]


@tagged("post_install", "-at_install")
class TestSlaHandComputed(FeedbackCase):
    def _get_deadline(self, start, hours, tz="UTC", holidays=(), pauses=(), **change):
        calendar = self.calendar.copy({"tz": tz})
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": f"{begin}:00",
                    "date_to": f"{end}:59",
                }
                for begin, end in holidays
            ]
        )
        policy = self._create_policy(resolution_hours=hours, first_response_hours=0)
        team = self.team.copy({"resource_calendar_id": calendar.id})
        with freeze_time(f"{start}:00"):
            case = self._create_case(team_id=team.id, date_received=f"{start}:00")
        self.env["crm.case.pause"].create(
            [
                {"case_id": case.id, "date_from": f"{begin}:00", "date_to": f"{end}:00"}
                for begin, end in pauses
            ]
        )
        case.invalidate_recordset()
        case._start_service_levels()
        if change:
            policy.resolution_hours = change["changed_to"]
        found = str(case.sla_status_ids.deadline)
        policy.active = False
        return found

    def test_deadlines_are_those_computed_by_hand(self):
        self.assertGreaterEqual(len(CASES), 30)
        for name, start, hours, expected, special in CASES:
            with self.subTest(name):
                found = self._get_deadline(start, hours, **special)
                self.assertEqual(found, f"{expected}:00")

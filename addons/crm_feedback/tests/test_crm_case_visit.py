import base64
from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tests.common import BaseCase

from ..service_clock import find_free_slots
from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestFreeTime(BaseCase):
    def _find(self, busy, hours=1, limit=3):
        day = datetime(2026, 11, 23)
        working = [(day.replace(hour=8), day.replace(hour=12))]
        taken = [
            (day + timedelta(hours=since), day + timedelta(hours=until))
            for since, until in busy
        ]
        starts = find_free_slots(
            working, taken, timedelta(hours=hours), timedelta(minutes=30), limit
        )
        return [(start - day) / timedelta(hours=1) for start in starts]

    def test_an_empty_morning(self):
        self.assertEqual(self._find([]), [8, 9, 10])

    def test_around_what_is_taken(self):
        self.assertEqual(self._find([(8, 9.25), (10.5, 11)]), [9.5, 11])

    def test_touching_is_free(self):
        self.assertEqual(self._find([(7, 8), (9, 12)]), [8])

    def test_too_long_for_the_gap(self):
        self.assertEqual(self._find([(9, 11)], hours=2), [])


@tagged("post_install", "-at_install")
class TestCrmCaseVisit(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A Monday far enough ahead.
        today = fields.Date.today()
        cls.monday = today + timedelta(days=7 - today.weekday())
        cls.visited = cls._create_complaint(product_id=cls.product.id)

    def _at(self, hour):
        return datetime.combine(self.monday, datetime.min.time()).replace(hour=hour)

    def _block(self, partner, start, stop):
        self.env["calendar.event"].create(
            {
                "name": "Taken",
                "start": self._at(start),
                "stop": self._at(stop),
                "partner_ids": [Command.set(partner.ids)],
            }
        )

    def _open_wizard(self, technicians=None):
        action = self.visited.with_user(self.agent).action_plan_visit()
        wizard = self.env["crm.case.dispatch"].with_user(self.agent)
        wizard = wizard.browse(action["res_id"])
        with Form(wizard) as form:
            form.date_from = self.monday
            form.user_ids = technicians or self.other_agent
        wizard.action_search()
        return wizard

    def test_free_times_are_free_in_both_calendars(self):
        self._block(self.other_agent.partner_id, 8, 10)
        self._block(self.customer, 10, 12)
        wizard = self._open_wizard()
        self.assertEqual(wizard.slot_ids[0].date_start, self._at(13))

    def test_the_technician_who_has_time_first_stands_first(self):
        self._block(self.other_agent.partner_id, 8, 12)
        wizard = self._open_wizard(self.agent | self.other_agent)
        self.assertEqual(wizard.slot_ids[0].user_id, self.agent)

    def test_choosing_a_time_makes_the_visit_and_the_meeting(self):
        wizard = self._open_wizard()
        wizard.slot_ids[0].action_choose()
        visit = self.visited.visit_ids
        self.assertEqual(visit.user_id, self.other_agent)
        self.assertEqual(visit.event_id.start, self._at(8))
        self.assertEqual(visit.event_id.stop, self._at(9))
        self.assertEqual(
            visit.event_id.partner_ids, self.other_agent.partner_id | self.customer
        )

    def test_a_time_that_was_taken_meanwhile_is_refused(self):
        wizard = self._open_wizard()
        self._block(self.customer, 8, 9)
        with self.assertRaisesRegex(UserError, "taken just now"):
            wizard.slot_ids[0].action_choose()

    def test_the_result_comes_back_into_the_case(self):
        self._open_wizard().slot_ids[0].action_choose()
        visit = self.visited.visit_ids.with_user(self.other_agent)
        with self.assertRaisesRegex(UserError, "Result"):
            visit.action_done()
        photo = (
            self.env["ir.attachment"]
            .with_user(self.other_agent)
            .create({"name": "leg.png", "datas": base64.b64encode(b"picture")})
        )
        visit.write(
            {
                "report": "Leg was loose, tightened it.",
                "photo_ids": [Command.set(photo.ids)],
                "part_ids": [
                    Command.create({"product_id": self.product.id, "quantity": 2})
                ],
                "signed_by": "Ada",
                "signature": base64.b64encode(b"signature"),
            }
        )
        visit.action_done()
        note = self.visited.message_ids[0]
        for text in ("tightened", self.product.name, "Ada"):
            self.assertIn(text, note.body)
        self.assertEqual(note.attachment_ids.name, "leg.png")
        self.assertEqual(visit.state, "done")

    def test_the_checklist_of_team_and_category(self):
        damage = self.env["crm.case.category"].create({"name": "Damage"})
        legs = self.env["crm.case.category"].create(
            {"name": "Legs", "parent_id": damage.id}
        )
        items = self.env["crm.visit.checklist.item"]
        items.search([]).active = False
        items.create(
            [
                {"name": "Photograph it", "sequence": 3},
                {"name": "Screws tight", "sequence": 1, "category_id": damage.id},
                {
                    "name": "Sign the desk's sheet",
                    "sequence": 2,
                    "team_id": self.team.id,
                },
                {
                    "name": "Not ours",
                    "team_id": self.team.copy({"alias_name": False}).id,
                },
                {
                    "name": "Not this",
                    "category_id": damage.copy({"name": "Delay"}).id,
                },
            ]
        )
        self.visited.category_id = legs
        self._open_wizard().slot_ids[0].action_choose()
        visit = self.visited.visit_ids.with_user(self.other_agent)
        self.assertEqual(
            visit.check_ids.mapped("name"),
            ["Screws tight", "Sign the desk's sheet", "Photograph it"],
        )
        with Form(visit) as form:
            for position, note in ((0, "All four"), (1, False)):
                with form.check_ids.edit(position) as line:
                    line.is_done = True
                    line.note = note
            form.report = "Tightened."
        self.assertEqual((visit.checked_count, visit.check_count), (2, 3))
        visit.action_done()
        body = self.visited.message_ids[0].body
        self.assertIn("Done: Screws tight (All four), Sign the desk", body)
        self.assertIn("Not done: Photograph it", body)

    def test_a_visit_that_is_moved_moves_the_meeting(self):
        self._open_wizard().slot_ids[0].action_choose()
        visit = self.visited.visit_ids
        visit.date_start = self._at(15)
        self.assertEqual(visit.event_id.start, self._at(15))
        visit.action_cancel()
        self.assertFalse(visit.event_id.active)

    def test_the_technician_reads_what_was_before(self):
        before = self._create_complaint(name="The other chair")
        self._solve(before)
        visit = self.env["crm.case.visit"].create(
            {
                "case_id": self.visited.id,
                "user_id": self.other_agent.id,
                "date_start": self._at(8),
            }
        )
        self.assertIn(before.number, visit.history)
        self.assertNotIn(self.visited.number, visit.history)

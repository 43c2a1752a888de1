from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestShippedEventTypes(LifecycleCase):
    """Each shipped type makes an event of what it is about, and of nothing else."""

    def _get_type(self, code):
        return self.event_type.search([("code", "=", code)])

    def _sweep(self, *codes):
        self.env.flush_all()
        for code in codes:
            event_type = self._get_type(code)
            event_type.sweep_date = self.env.cr.now() - timedelta(days=1)
            event_type._sweep_once()

    def _count(self, code, partner=None):
        return self.event.search_count(
            [
                ("type_id.code", "=", code),
                ("partner_id", "=", (partner or self.customer).id),
            ]
        )

    def test_every_type_is_complete(self):
        shipped = self.event_type.search([])
        for event_type in shipped:
            with self.subTest(event_type.code):
                self.assertTrue(event_type.icon.startswith("fa-"))
                event_type._compile(Domain.TRUE)

    def test_quotation_sent(self):
        order = self._create_order(confirm=False)
        order.action_quotation_sent()
        self.assertEvents(self.customer, ["quotation_sent"])

    def test_invoice_paid_and_overdue(self):
        paid = self._invoice(self._create_order(), paid=True)
        late = self._invoice(self._create_order())
        late.invoice_date_due = fields.Date.today() - timedelta(days=2)
        self._sweep("invoice_paid", "invoice_overdue")
        self.assertEqual(self._count("invoice_paid"), 1)
        event = self.event.search(
            [("type_id.code", "=", "invoice_paid"), ("res_id", "=", paid.id)]
        )
        self.assertEqual(event.date.date(), paid.crm_paid_date)
        self.assertEqual(self._count("invoice_overdue"), 1)
        self._sweep("invoice_overdue")
        self.assertEqual(self._count("invoice_overdue"), 1, "once for each invoice")

    def test_an_invoice_falls_due_without_being_written(self):
        invoice = self._invoice(self._create_order())
        invoice.invoice_date_due = fields.Date.today() - timedelta(days=1)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET write_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=40), invoice.id],
        )
        self._sweep("invoice_overdue")
        self.assertEqual(self._count("invoice_overdue"), 1)

    def test_lead_qualified(self):
        lead = self.env["crm.lead"].create(
            {"name": "L", "type": "lead", "partner_id": self.customer.id}
        )
        lead.convert_opportunity(self.customer)
        self._sweep("lead_qualified")
        self.assertEqual(self._count("lead_qualified"), 1)

    def test_calls_and_activities_of_documents(self):
        order = self._create_order(confirm=False)
        call = self.env.ref("mail.mail_activity_data_call")
        todo = self.env.ref("mail.mail_activity_data_todo")
        for document, kind in ((order, call), (self.customer, todo)):
            activity = document.activity_schedule(
                activity_type_id=kind.id, summary=kind.name, user_id=self.user.id
            )
            self.assertEqual(activity.crm_partner_id, self.customer)
        planned = self.customer.activity_schedule(activity_type_id=todo.id)
        (order.activity_ids | (self.customer.activity_ids - planned)).action_feedback()
        self._sweep("call_logged", "activity_done")
        self.assertEqual(self._count("call_logged"), 1)
        self.assertEqual(self._count("activity_done"), 1)

    def test_meetings_are_events_when_they_are_over(self):
        person = self._create_customer(
            "Eve", parent_id=self.customer.id, is_company=False
        )
        now = fields.Datetime.now()
        for start in (now - timedelta(hours=3), now + timedelta(hours=3)):
            self.env["calendar.event"].create(
                {
                    "name": "Demonstration",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "partner_ids": [Command.set(person.ids)],
                }
            )
        self._sweep("meeting_held")
        self.assertEqual(self._count("meeting_held"), 1)
        event = self.event.search([("type_id.code", "=", "meeting_held")])
        self.assertEqual(event.contact_id, person)

    def test_mails_sent_and_received(self):
        order = self._create_order(confirm=False)
        order.with_user(self.salesman).sudo().message_post(
            body="Our offer",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.customer.ids,
        )
        note = order.message_post(body="Internal", subtype_xmlid="mail.mt_note")
        self.assertTrue(note)
        order.message_post(
            body="Thank you",
            message_type="email",
            author_id=self.customer.id,
            subtype_xmlid="mail.mt_comment",
        )
        self.env["mail.notification"].search(
            [("res_partner_id", "=", self.customer.id)]
        ).notification_status = "sent"
        self._sweep("mail_sent", "mail_received")
        self.assertEqual(self._count("mail_sent"), 1)
        self.assertEqual(self._count("mail_received"), 1)

    def test_one_visit_to_the_portal_a_day(self):
        portal = new_test_user(
            self.env,
            "visitor",
            groups="base.group_portal",
            partner_id=self.customer.id,
        )
        for _visit in range(2):
            portal.with_user(portal)._update_last_login()
        self.assertEqual(self._count("portal_login"), 1)
        self.user.with_user(self.user)._update_last_login()
        self.assertEqual(self._count("portal_login", self.user.partner_id), 0)

    def test_birthdays_come_round_every_year(self):
        leap = self._create_customer("Leap", is_company=False)
        leap.crm_birthday = date(2000, 2, 29)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '2022-06-01' WHERE id = %s", [leap.id]
        )
        birthday = self._get_type("birthday")
        self.env.cr._now = datetime(2025, 3, 1, 12)
        self.addCleanup(setattr, self.env.cr, "_now", None)
        with freeze_time("2025-03-01 12:00:00"):
            birthday.retention_months = 0
            birthday._insert_events(Domain("id", "=", leap.id))
            birthday._insert_events(Domain("id", "=", leap.id))
        events = self.event.search([("partner_id", "=", leap.id)], order="date")
        self.assertEqual(
            [event.date.date() for event in events],
            [date(2023, 2, 28), date(2024, 2, 29), date(2025, 2, 28)],
        )
        self.assertEqual(events.mapped("occurrence"), [2023, 2024, 2025])

    def test_sweep_of_birthdays_looks_at_the_last_days_only(self):
        partner = self._create_customer("Gus", is_company=False)
        today = fields.Date.today()
        partner.crm_birthday = today.replace(year=today.year - 30)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=800), partner.id],
        )
        self._sweep("birthday")
        self.assertEqual(self._count("birthday", partner), 1)

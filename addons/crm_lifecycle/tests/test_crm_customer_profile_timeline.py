from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from .lifecycle_case import LifecycleCase

TIMELINE = "odoo.addons.crm_lifecycle.models.crm_customer_profile_timeline"


@tagged("post_install", "-at_install")
class TestCrmCustomerProfileTimeline(LifecycleCase):
    def _get_events(self, user=None, **filters):
        profile_id = self._get_profile().id
        profile = self.profile.with_user(user or self.env.user)
        return profile.get_timeline(profile_id, filters)["events"]

    def _get_labels(self, user=None, **filters):
        return [event["label"] for event in self._get_events(user, **filters)]

    def _receive(self, document, **values):
        """Let the customer write on a document."""
        message = document.message_post(
            body="We can deliver on Monday.",
            author_id=self.customer.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            **values,
        )
        received = self.env.ref("crm_lifecycle.crm_customer_event_type_mail_received")
        received._insert_events(Domain("id", "=", message.id))
        return message

    def _call(self, document, summary):
        """Log a call on a document."""
        call = document.activity_schedule(
            "mail.mail_activity_data_call", summary=summary, user_id=self.env.uid
        )
        call.action_feedback("He wants a quotation.")
        logged = self.env.ref("crm_lifecycle.crm_customer_event_type_call_logged")
        logged._insert_events(Domain("id", "=", call.id))

    def _send(self, document, notification_type, **values):
        """Write to the customer from a document, by mail or SMS."""
        message = document.message_post(body="Your mugs are on their way.", **values)
        notification = self.env["mail.notification"].create(
            {
                "mail_message_id": message.id,
                "res_partner_id": self.customer.id,
                "notification_type": notification_type,
                "notification_status": "sent",
            }
        )
        code = {"email": "mail_sent", "sms": "sms_sent"}[notification_type]
        sent = self.env.ref(f"crm_lifecycle.crm_customer_event_type_{code}")
        sent._insert_events(Domain("id", "=", notification.id))

    def _meet(self, name):
        """Hold a meeting with the customer."""
        start = fields.Datetime.now() - timedelta(hours=3)
        meeting = self.env["calendar.event"].create(
            {
                "name": name,
                "start": start,
                "stop": start + timedelta(hours=1),
                "partner_ids": [Command.set(self.customer.ids)],
            }
        )
        held = self.env.ref("crm_lifecycle.crm_customer_event_type_meeting_held")
        held._insert_events(Domain("event_id", "=", meeting.id))

    def _insert_events(self, count, code="order_confirmed"):
        """Make events of the past, of documents that are gone."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_customer_event (type_id, partner_id, contact_id,
                       company_id, date, res_model, res_id, occurrence)
                SELECT %s, %s, %s, %s, now() - make_interval(hours => number),
                       'sale.order', 1000000000 + number, 0
                  FROM generate_series(1, %s) number RETURNING id
                """,
                self.event_type._get_id_by_code(code),
                self.customer.id,
                self.customer.id,
                self.env.company.id,
                count,
            )
        )

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_timeline_is_cut_by_the_rights_on_the_documents(self):
        self._create_order(user_id=self.salesman.id)
        self._invoice(self._create_order(user_id=self.manager.id))
        self.profile._refresh()
        self.assertCountEqual(
            self._get_labels(), ["Order confirmed"] * 2 + ["Invoice posted"]
        )
        self.assertEqual(
            self._get_labels(self.salesman),
            ["Order confirmed"],
            "his own documents only",
        )
        self.assertEqual(self._get_labels(self.user), [])

    def test_invoices_are_for_those_with_rights_on_invoicing(self):
        invoice = self._invoice(self._create_order(user_id=self.salesman.id))
        invoice.invoice_user_id = self.salesman
        self.profile._refresh()
        self.assertTrue(invoice.with_user(self.salesman).has_access("read"))
        self.assertEqual(self._get_labels(self.salesman), ["Order confirmed"])
        kinds = self._get_profile().with_user(self.salesman)._get_360_categories()
        self.assertEqual([kind["key"] for kind in kinds], ["sale"])
        self.salesman.group_ids += self.env.ref("account.group_account_invoice")
        self.assertIn("Invoice posted", self._get_labels(self.salesman))

    def test_amounts_of_deleted_documents_are_for_those_who_read_all(self):
        self._insert_events(1)
        self.env.execute_query(
            SQL(
                "UPDATE crm_customer_event SET value = 55 WHERE value IS NULL "
                "AND partner_id = %s RETURNING id",
                self.customer.id,
            )
        )
        self.env.invalidate_all()
        self.profile._refresh(self.customer)
        [event] = self._get_events()
        self.assertIn("55.00", event["value"])
        [event] = self._get_events(self.salesman)
        self.assertEqual(event["value"], "")

    def test_who_may_read_few_documents_finds_them_far_back(self):
        order = self._create_order(user_id=self.salesman.id, days_ago=90)
        for _number in range(5):
            self._create_order(user_id=self.manager.id)
        self.profile._refresh()
        patcher = patch.multiple(TIMELINE, TIMELINE_PAGE=2, TIMELINE_ROUNDS=(2, 10))
        with patcher:
            [event] = self._get_events(self.salesman)
        self.assertEqual(event["res_id"], order.id)

    # ------------------------------------------------------------
    # One list of all kinds
    # ------------------------------------------------------------

    def test_messages_show_subject_and_open_their_document(self):
        order = self._create_order(confirm=False, user_id=self.salesman.id)
        other = self._create_order(confirm=False, user_id=self.manager.id)
        self._receive(order, subject="Your mugs")
        self._receive(order)
        self._receive(other, subject="Secret")
        self.profile._refresh()
        events = self._get_events(self.salesman)
        self.assertCountEqual(
            [(event["document"], event["detail"]) for event in events],
            [
                ("Your mugs", "We can deliver on Monday."),
                ("We can deliver on Monday.", ""),
            ],
            "no mail on documents outside his rights",
        )
        for event in events:
            self.assertEqual(event["res_model"], "sale.order")
            self.assertEqual(event["res_id"], order.id)
        self.assertEqual(len(self._get_events()), 3)

    def test_all_kinds_of_communication_are_in_one_list(self):
        """Mail, call, visit, SMS and order of one customer (row 14)."""
        order = self._create_order(user_id=self.salesman.id)
        self._receive(order, subject="Where are my mugs?")
        self._send(order, "email", subject="Mugs")
        self._send(order, "sms")
        self._call(order, "Asked for the mugs")
        self._meet("Visit at the shop")
        self.profile._refresh()
        seen = {event["label"]: event for event in self._get_events(self.salesman)}
        self.assertLessEqual(
            {
                "Order confirmed": order.name,
                "Mail received": "Where are my mugs?",
                "Mail sent": "Mugs",
                "SMS sent": "Your mugs are on their way.",
                "Call logged": "Asked for the mugs",
                "Meeting held": "Visit at the shop",
            }.items(),
            {label: event["document"] for label, event in seen.items()}.items(),
        )
        for label in ("Mail received", "Mail sent", "SMS sent", "Call logged"):
            self.assertEqual(
                (seen[label]["res_model"], seen[label]["res_id"]),
                ("sale.order", order.id),
                f"{label} opens the order",
            )
        kind = self.env.ref("crm_lifecycle.crm_customer_event_type_call_logged")
        self.assertEqual(
            self._get_labels(self.salesman, type_id=kind.id), ["Call logged"]
        )

    def test_mail_and_calls_on_hidden_documents_are_not_told(self):
        order = self._create_order(user_id=self.manager.id)
        self._receive(order, subject="Secret")
        self._send(order, "email", subject="Secret")
        self._send(order, "sms")
        self._call(order, "Secret")
        self.profile._refresh()
        self.assertEqual(self._get_labels(self.salesman), [])
        self.assertEqual(len(self._get_labels()), 5)

    def test_technical_documents_are_shown_as_what_they_are_about(self):
        invoice = self._invoice(self._create_order(), paid=True)
        self.profile._refresh()
        [payment] = [
            event
            for event in self._get_events()
            if event["label"] == "Payment received"
        ]
        self.assertEqual(
            (payment["res_model"], payment["res_id"]), ("account.move", invoice.id)
        )

    def test_events_tell_their_day_and_how_long_ago_it_was(self):
        self._create_order()
        self._insert_events(3)
        self.profile._refresh()
        now = fields.Datetime.now()
        self.env.execute_query(
            SQL(
                "UPDATE crm_customer_event SET date = %s - make_interval(days => "
                "occurrence + res_id - 1000000000) "
                "WHERE partner_id = %s AND res_id > 1000000000 RETURNING id",
                now.replace(hour=12, minute=30),
                self.customer.id,
            )
        )
        self.env.invalidate_all()
        events = self._get_events()
        self.assertEqual(
            [event["ago"] for event in events],
            ["Today", "Yesterday", "2 days ago", "3 days ago"],
        )
        self.assertEqual(len({event["day"] for event in events}), 4)
        self.assertIn(":30", events[1]["time"])

    # ------------------------------------------------------------
    # Filters and pages
    # ------------------------------------------------------------

    def test_pages_hold_each_event_once(self):
        for _number in range(3):
            self._create_order()
        self._invoice(self._create_order())
        self.profile._refresh()
        self.startPatcher(
            patch.multiple(TIMELINE, TIMELINE_PAGE=2, TIMELINE_ROUNDS=(2, 3))
        )
        profile_id = self._get_profile().id
        page = self.profile.get_timeline(profile_id)
        ids = [event["id"] for event in page["events"]]
        while page["before"]:
            page = self.profile.get_timeline(profile_id, before=page["before"])
            ids += [event["id"] for event in page["events"]]
        events = self.event.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(ids, events.ids)

    def test_filter_by_category_and_kind(self):
        self._invoice(self._create_order())
        self._create_order()._action_cancel()
        self.profile._refresh()
        self.assertEqual(self._get_labels(category="billing"), ["Invoice posted"])
        kind = self.env.ref("crm_lifecycle.crm_customer_event_type_order_cancelled")
        self.assertEqual(self._get_labels(type_id=kind.id), ["Order cancelled"])
        kinds = self._get_profile()._get_360_categories()
        self.assertEqual(
            {kind["key"]: [item["label"] for item in kind["types"]] for kind in kinds},
            {
                "sale": ["Order confirmed", "Order cancelled"],
                "billing": ["Invoice posted"],
            },
        )

    def test_filter_by_period_counts_days_of_the_user(self):
        self._insert_events(1)
        self.env.execute_query(
            SQL(
                "UPDATE crm_customer_event SET date = '2026-03-10 23:30:00' "
                "WHERE partner_id = %s RETURNING id",
                self.customer.id,
            )
        )
        self.env.invalidate_all()
        self.profile._refresh(self.customer)
        self.env.user.tz = "Europe/Brussels"
        for since, until, count in (
            ("2026-03-11", "2026-03-11", 1),
            ("2026-03-10", "2026-03-10", 0),
            ("2026-03-11", "", 1),
            ("2026-03-12", "", 0),
            ("", "2026-03-11", 1),
        ):
            with self.subTest(since=since, until=until):
                events = self._get_events(since=since, until=until)
                self.assertEqual(len(events), count)

    def test_filter_by_words_of_what_is_shown(self):
        order = self._create_order()
        self._create_order()
        self.profile._refresh()
        [event] = self._get_events(text=order.name.lower())
        self.assertEqual(event["res_id"], order.id)
        self.assertEqual(len(self._get_events(text="confirmed")), 2)
        self.assertEqual(self._get_events(text="nothing like it"), [])

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _count_queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        return self.env.cr.sql_log_count - before

    def test_queries_of_the_view_do_not_grow_with_the_history(self):
        self._create_order()
        self._insert_events(10)
        self.profile._refresh(self.customer)
        while self.profile._refresh():
            pass
        profile_id = self._get_profile().id

        def open_view(user):
            self.profile.with_user(user).get_customer_360(profile_id)

        for user in (self.env.user, self.salesman):
            open_view(user)
            few = self._count_queries(lambda user=user: open_view(user))
            self.env.execute_query(
                SQL(
                    "UPDATE crm_customer_event SET res_id = res_id + 1000000 "
                    "WHERE partner_id = %s AND res_id > 1000000000 RETURNING id",
                    self.customer.id,
                )
            )
            self._insert_events(1000)
            self.env.invalidate_all()
            many = self._count_queries(lambda user=user: open_view(user))
            self.assertLessEqual(many, few)

    def test_five_queries_more_than_the_empty_list(self):
        """Mail, order and the like of one customer in one list (row 14)."""
        empty = self._create_customer("Nobody Yet")
        order = self._create_order()
        for number in range(10):
            self._receive(order, subject=f"Hello {number}")
            self._send(order, "email", subject=f"Hello {number}")
            self._send(order, "sms")
            self._call(order, f"Call {number}")
            self._meet(f"Visit {number}")
            self._create_order()
        while self.profile._refresh():
            pass
        self.profile._refresh(empty)
        counts = []
        for customer in (empty, self.customer):
            profile_id = self._get_profile(customer).id
            self.profile.get_customer_360(profile_id)
            counts.append(
                self._count_queries(
                    lambda profile_id=profile_id: self.profile.get_customer_360(
                        profile_id
                    )
                )
            )
        self.assertLessEqual(counts[1] - counts[0], 5)

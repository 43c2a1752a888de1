import json
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .lifecycle_case import LifecycleCase

PATH = "/crm_lifecycle/events"


@tagged("post_install", "-at_install")
class TestCustomerEventApi(HttpCase, LifecycleCase):
    """What an outside system sees of the endpoint, by HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop_user = new_test_user(
            cls.env,
            "web_shop",
            groups="base.group_user,crm_lifecycle.crm_lifecycle_group_outside",
        )
        cls.source = cls.env["crm.outside.source"].create(
            {"name": "Web shop", "code": "web_shop", "user_id": cls.shop_user.id}
        )
        cls.key = cls._make_key(cls.shop_user)

    @classmethod
    def _make_key(cls, user):
        keys = cls.env["res.users.apikeys"].with_user(user)
        return keys._generate("rpc", "test", fields.Datetime.now() + timedelta(hours=1))

    def _send(self, events, key=None, **values):
        answer = self.url_open(
            PATH,
            data=json.dumps({"events": events, **values}),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {key or self.key}",
            },
        )
        return answer.status_code, answer.json()

    def _prepare_event(self, key, **values):
        return {
            "key": key,
            "type": "outside_call",
            "email": "ada@example.com",
            **values,
        }

    def test_an_event_reaches_the_timeline_of_the_customer(self):
        status, answer = self._send(
            [
                self._prepare_event(
                    "order-1",
                    type="outside_order",
                    email="Ada <ADA@example.com>",
                    name="Order 4711",
                    date="2026-01-05T10:00:00+01:00",
                    value=120.5,
                )
            ]
        )
        self.assertEqual((status, answer["created"]), (200, 1))
        event = self.assertEvents(self.customer, ["outside_order"])
        self.assertEqual(event.value, 120.5)
        self.assertEqual(fields.Datetime.to_string(event.date), "2026-01-05 09:00:00")
        profile = self.profile
        profile._refresh(self.customer)
        timeline = (
            self._get_profile()
            .with_user(self.user)
            .get_timeline(self._get_profile().id)
        )
        self.assertIn("Order 4711", timeline["events"][0]["document"])

    def test_sending_a_batch_again_adds_nothing(self):
        batch = [self._prepare_event(f"call-{number}") for number in range(5)]
        self.assertEqual(self._send(batch)[1]["created"], 5)
        status, answer = self._send(batch)
        self.assertEqual((status, answer["created"], answer["duplicate"]), (200, 0, 5))
        self.assertEqual(len(self.assertEvents(self.customer, ["outside_call"] * 5)), 5)

    def test_one_bad_event_does_not_hold_up_the_others(self):
        _status, answer = self._send(
            [
                self._prepare_event("good"),
                self._prepare_event("bad", type="no_such_type"),
                self._prepare_event("future", date="2199-01-01T00:00:00Z"),
                {"key": "nobody", "type": "outside_call"},
                "not an event",
            ]
        )
        results = answer["results"]
        self.assertEqual(
            [result["status"] for result in results], ["created"] + ["rejected"] * 4
        )
        self.assertEqual(
            [result.get("reason") for result in results],
            [None, "unknown_type", "bad_date", "no_identifier", "not_an_object"],
        )
        self.assertIn("no_such_type", results[1]["message"])
        self.assertEvents(self.customer, ["outside_call"])

    def test_who_may_send(self):
        employee = new_test_user(self.env, "employee", groups="base.group_user")
        status, answer = self._send([], key=self._make_key(employee))
        self.assertEqual(status, 403)
        self.assertIn("may not send", answer["message"])
        self.assertEqual(self._send([], key="wrong")[0], 401)
        self.source.user_id = self.user
        self.assertEqual(self._send([])[0], 403)

    def test_limits_are_told(self):
        self.assertEqual(self._send([{}] * 1001)[0], 413)
        self.assertEqual(self._send("all of them")[0], 400)
        self.assertEqual(self._send([], surprise=1)[0], 400)
        self.source.rate_limit = 3
        self.assertEqual(
            self._send([self._prepare_event(str(n)) for n in "abc"])[0], 200
        )
        answer = self.url_open(
            PATH,
            data=json.dumps({"events": [self._prepare_event("d")]}),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self.key}",
            },
        )
        self.assertEqual(answer.status_code, 429)
        self.assertTrue(int(answer.headers["Retry-After"]))
        self.assertEvents(self.customer, ["outside_call"] * 3)

    def test_a_stranger_becomes_a_contact_only_where_the_type_says_so(self):
        _status, answer = self._send(
            [
                self._prepare_event(
                    "cart", type="outside_cart", email="new@example.com"
                ),
                self._prepare_event("call", email="caller@example.com"),
                self._prepare_event(
                    "order",
                    type="outside_order",
                    email="buyer@example.com",
                    customer_name="Bea Buyer",
                ),
                self._prepare_event(
                    "order2", type="outside_order", email="buyer@example.com"
                ),
            ]
        )
        self.assertEqual(
            [result["status"] for result in answer["results"]],
            ["rejected", "review", "created", "created"],
        )
        buyer = self.env["res.partner"].search([("email", "=", "buyer@example.com")])
        self.assertEqual(buyer.name, "Bea Buyer")
        self.assertEvents(buyer, ["outside_order"] * 2)
        self.assertFalse(
            self.env["res.partner"].search([("email", "=", "new@example.com")])
        )

    def test_a_source_learns_the_numbers_it_uses(self):
        self._send([self._prepare_event("first", reference="C-77")])
        event = {"key": "second", "type": "outside_call", "reference": "C-77"}
        self.assertEqual(self._send([event])[1]["created"], 1)
        self.assertEvents(self.customer, ["outside_call"] * 2)

    def test_the_same_number_of_statements_for_any_number_of_events(self):
        def count(number, prefix):
            batch = [self._prepare_event(f"{prefix}-{n}") for n in range(number)]
            before = self.cr.sql_log_count
            self.env["crm.outside.event"]._receive(self.source, batch)
            return self.cr.sql_log_count - before

        count(1, "warm")
        self.assertEqual(count(2, "few"), count(300, "many"))

    def test_a_source_of_another_company_does_not_find_our_contacts(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.customer.company_id = self.env.company
        self.shop_user.company_ids = [Command.link(other.id)]
        self.source.company_id = other
        _status, answer = self._send([self._prepare_event("call")])
        self.assertEqual(answer["results"][0]["status"], "review")
        self.assertEvents(self.customer, [])

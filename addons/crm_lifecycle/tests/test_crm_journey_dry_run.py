from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .journey_case import JourneyCase


@tagged("post_install", "-at_install")
class TestCrmJourneyDryRun(JourneyCase):
    """What would have happened is told, and nothing happens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Met"})
        cls.customers = cls.customer
        for number in range(9):
            cls.customers |= cls._create_customer(f"C{number} Ltd")

    def _draw_thanks(self, **values):
        paid = self.env.ref("crm_lifecycle.crm_customer_event_type_payment_received")
        mailing = self._make_mailing()
        wait = {"event_type_id": paid.id, "wait_number": 14}
        return self._draw(
            {
                "wait": ("wait_event", wait, {"happened": "mail", "timeout": "tag"}),
                "mail": ("message", {"mailing_id": mailing.id}, {}),
                "tag": ("tag", {"tag_ids": [Command.set(self.tag.ids)]}, {}),
            },
            **values,
        )

    def _make_history(self):
        """Everybody ordered 60 days ago; the first four paid, the first two agreed."""
        for number, customer in enumerate(self.customers):
            order = self._create_order(customer, days_ago=60)
            if number < 4:
                self._invoice(order, paid=True)
        for code in ("order_confirmed", "payment_received"):
            event_type = self.event_type.search([("code", "=", code)])
            event_type._insert_events(fields.Domain.TRUE)
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE crm_customer_event SET date = now() AT TIME ZONE 'UTC'
                      - CASE WHEN type_id = %s THEN interval '60 days'
                             ELSE interval '55 days' END
                WHERE partner_id = ANY(%s)""",
            [self.confirmed.id, self.customers.ids],
        )
        self.env.invalidate_all()
        self._allow(self.customers[:2])
        self._run_pipeline()

    def _try(self, journey, **values):
        run = self.env["crm.journey.dry.run"].create(
            {"journey_id": journey.id, **values}
        )
        run.action_run()
        return run

    def test_last_year_is_replayed_and_nothing_is_left(self):
        journey = self._draw_thanks()
        self._make_history()
        run = self._try(journey)
        self.assertEqual(run.entered_count, 10)
        counts = {
            (line.step_id.name, line.outcome): line.count for line in run.line_ids
        }
        self.assertEqual(
            counts,
            {
                ("wait", "happened"): 4,
                ("wait", "timeout"): 6,
                ("mail", "next"): 2,
                ("mail", "not_sent"): 2,
                ("tag", "next"): 6,
            },
        )
        self.assertEqual(run.sent_count, 2)
        self.assertFalse(self.participants.search([("journey_id", "=", journey.id)]))
        self.assertFalse(self.customers.category_id)
        self.assertFalse(
            self.env["mailing.trace"].search(
                [("res_id", "in", self.customers.ids), ("model", "=", "res.partner")]
            )
        )
        self.assertEqual(self.journeys.search_count([("name", "=", "Way")]), 1)
        self.assertIn("2 messages", run.summary)

    def test_period_limits_the_history(self):
        journey = self._draw_thanks()
        self._make_history()
        run = self._try(journey, date_from=fields.Date.today() - timedelta(days=30))
        self.assertEqual(run.entered_count, 0)
        self.assertIn("Nobody", run.summary)

    def test_dry_run_predicts_the_run(self):
        steps = {
            "split": ("split", {}, {"A": "tag", "B": "exit"}),
            "tag": ("tag", {"tag_ids": [Command.set(self.tag.ids)]}, {}),
            "exit": ("exit", {}, {}),
        }
        journey = self._draw(steps)
        journey.action_start()
        for customer in self.customers:
            self._create_order(customer)
        self._run_pipeline()
        self._put_clock_forward(minutes=5)
        run = self._try(journey)
        predicted = {
            (line.step_id.name, line.outcome): line.count for line in run.line_ids
        }
        self._advance()
        happened = {}
        for trace in self._get_runs(journey).trace_ids:
            key = (trace.step_id.name, trace.outcome)
            happened[key] = happened.get(key, 0) + 1
        self.assertEqual(predicted, happened)

    def test_path_of_one_customer_with_its_dates(self):
        journey = self._draw_thanks()
        self._create_order()
        self._run_pipeline()
        run = self._try(journey, mode="customer", partner_id=self.customer.id)
        path = [
            (line.step_id.name, line.outcome) for line in run.line_ids.sorted("date")
        ]
        self.assertEqual(path, [("wait", "timeout"), ("tag", "next")])
        due = self.env.cr.now() + timedelta(days=14)
        self.assertLess(abs(run.line_ids[0].date - due), timedelta(minutes=1))
        self.assertFalse(self.customer.category_id)

    def test_again_after_the_end_is_replayed_too(self):
        journey = self._draw(
            {"wait": ("wait", {"wait_number": 5}, {})}, reentry="after_end"
        )
        for days_ago in (40, 38, 20):
            self._create_order(days_ago=days_ago)
        self.env.flush_all()
        for days_ago, event in zip(
            (40, 38, 20),
            self.event.search(
                [
                    ("partner_id", "=", self.customer.id),
                    ("type_id", "=", self.confirmed.id),
                ],
                order="id",
            ),
            strict=True,
        ):
            self.env.cr.execute(
                "UPDATE crm_customer_event SET date = %s WHERE id = %s",
                [self.env.cr.now() - timedelta(days=days_ago), event.id],
            )
        self._run_pipeline()
        self.assertEqual(self._try(journey).entered_count, 2)

    def test_without_steps_it_says_what_to_do(self):
        journey = self.journeys.create(
            {"name": "Empty", "event_type_id": self.confirmed.id}
        )
        with self.assertRaisesRegex(UserError, "first step"):
            self._try(journey)

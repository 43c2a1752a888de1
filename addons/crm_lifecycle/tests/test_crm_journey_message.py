from odoo import Command, fields
from odoo.tests import tagged

from .journey_case import JourneyCase


@tagged("post_install", "-at_install")
class TestCrmJourneyMessage(JourneyCase):
    """Messages go once, to who may be written to, at a moment when they may."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_customer("Bob Ltd")
        cls.refused = cls.env["res.partner.category"].create({"name": "No mail"})

    def _start_mailing(self, mailing=None, step=None, **values):
        self.mailing = mailing or self._make_mailing()
        tagging = {"tag_ids": [Command.set(self.refused.ids)]}
        settings = {"mailing_id": self.mailing.id, **(step or {})}
        return self._start(
            {
                "mail": ("message", settings, {"not_sent": "refused"}),
                "refused": ("tag", tagging, {}),
            },
            **values,
        )

    def _get_mails(self):
        """Return the addresses mails were made for, doubles as often."""
        mails = self.env["mail.mail"].search([("mailing_id", "=", self.mailing.id)])
        traces = self.mailing.mailing_trace_ids.filtered(
            lambda trace: trace.trace_status != "cancel"
        )
        self.assertEqual(len(mails), len(traces))
        return sorted(traces.mapped("email"))

    def test_mail_goes_once(self):
        self._allow(self.customer)
        journey = self._start_mailing()
        self._create_order()
        self._advance()
        self._advance()
        self.assertEqual(self._get_mails(), ["ada@example.com"])
        self.assertEqual(self._get_runs(journey).state, "done")
        self.assertEqual(journey.message_count, 1)

    def test_consent_is_asked_at_the_moment_of_sending(self):
        self._allow(self.customer | self.other)
        mailing = self._make_mailing()
        journey = self._start(
            {
                "wait": ("wait", {}, {"next": "mail"}),
                "mail": ("message", {"mailing_id": mailing.id}, {"not_sent": "no"}),
                "no": ("tag", {"tag_ids": [Command.set(self.refused.ids)]}, {}),
            }
        )
        self.mailing = mailing
        for customer in self.customer | self.other:
            self._create_order(customer)
        self._advance()
        self.env["crm.consent"]._record(
            self.other, "marketing", "email", False, "Portal", "Offers"
        )
        self._advance(days=1)
        self.assertEqual(self._get_mails(), ["ada@example.com"])
        self.assertEqual(self.other.category_id, self.refused)
        run = self._get_runs(journey).filtered(lambda r: r.partner_id == self.other)
        trace = run.trace_ids.filtered(lambda t: t.step_id.kind == "message")
        self.assertEqual(trace.outcome, "not_sent")
        self.assertTrue(trace.detail)

    def test_quiet_hours_defer_and_do_not_drop(self):
        self._allow(self.customer)
        policy = self.env["crm.contact.policy"].create(
            {"name": "Night", "quiet_from": 0, "quiet_to": 23.99}
        )
        journey = self._start_mailing()
        self._create_order()
        self._advance()
        run = self._get_runs(journey)
        self.assertFalse(self._get_mails())
        self.assertEqual((run.state, run.step_id.name), ("active", "mail"))
        self.assertTrue(run.note)
        self.assertGreater(run.due_date, self.env.cr.now())
        policy.active = False
        self._advance(days=1)
        self.assertEqual(self._get_mails(), ["ada@example.com"])

    def test_cap_counts_journeys_and_mailings_together(self):
        self._allow(self.customer)
        self.env["crm.contact.policy"].create(
            {"name": "Two a week", "cap": 2, "period_days": 7}
        )
        journeys = self.journeys.browse()
        mailings = self.env["mailing.mailing"].browse()
        for _number in range(3):
            journeys |= self._start_mailing()
            mailings |= self.mailing
        self._create_order()
        self._advance()
        states = [self._get_runs(journey).state for journey in journeys]
        self.assertEqual(sorted(states), ["active", "done", "done"])
        self.assertEqual(len(mailings.mailing_trace_ids), 2)
        self.env.cr.execute(
            "UPDATE mailing_trace SET create_date = create_date - interval '8 days'"
        )
        self._advance(days=8)
        states = [self._get_runs(journey).state for journey in journeys]
        self.assertEqual(states, ["done"] * 3)
        self.assertEqual(len(mailings.mailing_trace_ids), 3)

    def test_held_for_too_long_is_not_sent(self):
        self._allow(self.customer)
        self.env["crm.contact.policy"].create(
            {"name": "Night", "quiet_from": 0, "quiet_to": 23.99}
        )
        self._start_mailing(step={"message_days": 2})
        self._create_order()
        self._advance()
        self._advance(days=3)
        self.assertFalse(self._get_mails())
        self.assertEqual(self.customer.category_id, self.refused)

    def test_one_message_per_document_to_the_same_customer(self):
        """Stock would take the second for a double."""
        self._allow(self.customer)
        mailing = self._make_mailing("sale.order", subject="Order {{ object.name }}")
        journey = self._start_mailing(mailing, keyed_by="document")
        orders = self._create_order() | self._create_order()
        self._advance()
        self._advance()
        self.assertEqual(self._get_mails(), ["ada@example.com"] * 2)
        subjects = (
            self.env["mail.mail"]
            .search([("mailing_id", "=", mailing.id)])
            .mapped("subject")
        )
        self.assertEqual(
            sorted(subjects), sorted(f"Order {order.name}" for order in orders)
        )
        self.assertEqual(set(self._get_runs(journey).mapped("state")), {"done"})

    def test_contract_goes_whatever_was_decided(self):
        mailing = self._make_mailing(purpose="service")
        if mailing.consent_purpose_id.basis != "contract":
            self.skipTest("service is no contract")
        self._start_mailing(mailing)
        self.env["crm.consent"]._record(
            self.customer, "marketing", "email", False, "Portal", "Offers"
        )
        self._create_order()
        self._advance()
        self.assertEqual(self._get_mails(), ["ada@example.com"])

    def test_message_for_other_records_is_told(self):
        mailing = self._make_mailing("crm.lead")
        journey = self._draw({"mail": ("message", {"mailing_id": mailing.id}, {})})
        self.assertIn("is for", journey.draft_version_id._get_problems()[0])

    def test_clicks_count_for_the_message_they_belong_to(self):
        self._allow(self.customer)
        clicked = self.env.ref("crm_lifecycle.crm_customer_event_type_mailing_opened")
        first, second = self._make_mailing(), self._make_mailing()
        journey = self._draw(
            {
                "one": ("message", {"mailing_id": first.id}, {"next": "two"}),
                "two": ("message", {"mailing_id": second.id}, {"next": "wait"}),
                "wait": (
                    "wait_event",
                    {"event_type_id": clicked.id, "wait_number": 5},
                    {"happened": "yes"},
                ),
                "yes": ("tag", {"tag_ids": [Command.set(self.refused.ids)]}, {}),
            }
        )
        steps = {step.name: step for step in journey.draft_version_id.step_ids}
        steps["wait"].message_step_id = steps["two"]
        journey.action_start()
        self._create_order()
        self._advance()
        for mailing, expected in ((first, "wait"), (second, False)):
            mailing.mailing_trace_ids.set_opened()
            clicked._insert_events(fields.Domain.TRUE)
            self._advance()
            self.assertEqual(self._get_runs(journey).step_id.name, expected)

    def test_new_version_has_messages_of_its_own(self):
        journey = self._start_mailing()
        journey.action_new_version()
        copied = journey.draft_version_id.step_ids.mailing_id
        self.assertTrue(copied)
        self.assertNotEqual(copied, self.mailing)
        self.assertTrue(copied.is_journey_message)

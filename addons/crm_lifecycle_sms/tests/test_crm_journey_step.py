from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.crm_lifecycle.tests.journey_case import JourneyCase

ADA = "+32470123456"
BOB = "+32470654321"


@tagged("post_install", "-at_install")
class TestCrmJourneyStep(JourneyCase):
    """Text messages of journeys go once, to who may and can be written to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.phone = "+32 470 12 34 56"
        cls.other = cls._create_customer("Bob Ltd", phone="+32 470 65 43 21")
        cls.unsent = cls.env["res.partner.category"].create({"name": "No text"})
        cls._allow(cls, cls.customer | cls.other, channel="sms")

    def _draw_text(self, body="Hello {{ object.name }}", step=None, **values):
        tagging = {"tag_ids": [Command.set(self.unsent.ids)]}
        journey = self._draw(
            {
                "text": ("sms", step or {}, {"not_sent": "unsent"}),
                "unsent": ("tag", tagging, {}),
            },
            **values,
        )
        self.step = journey.draft_version_id.step_ids.filtered(
            lambda step: step.kind == "sms"
        )
        self.step.sms_body = body
        return journey

    def _start_text(self, *args, **values):
        journey = self._draw_text(*args, **values)
        journey.action_start()
        return journey

    def _get_texts(self):
        """Return number and text of what is in the queue."""
        texts = self.env["sms.sms"].search(
            [("mailing_id", "=", self.step.mailing_id.id)]
        )
        return sorted(texts.mapped(lambda sms: (sms.number, sms.body)))

    def _get_unsent(self, journey):
        """Return why whom got none."""
        traces = self._get_runs(journey).trace_ids.filtered(
            lambda trace: trace.outcome == "not_sent"
        )
        return {trace.participant_id.partner_id: trace.detail for trace in traces}

    # ------------------------------------------------------------
    # Drawing
    # ------------------------------------------------------------

    def test_marketing_user_writes_the_text_on_the_step(self):
        self.user.group_ids += self.env.ref("mass_mailing.group_mass_mailing_user")
        journey = self._draw_text(body=False)
        steps = self.env["crm.journey.step"].with_user(self.user)
        step = steps.create(
            {
                "version_id": journey.draft_version_id.id,
                "name": "Thanks",
                "kind": "sms",
            }
        )
        self.assertIn("Text", step.problem)
        with Form(step) as form:
            form.sms_body = "Thank you"
            form.sms_stop_link = True
        self.assertFalse(step.problem)
        self.assertEqual(step._get_text(), "Thank you")
        mailing = step.mailing_id
        self.assertEqual(
            (mailing.mailing_type, mailing.subject, mailing.body_plaintext),
            ("sms", "Thanks", "Thank you"),
        )
        self.assertTrue(mailing.is_journey_message)
        self.assertTrue(mailing.sms_allow_unsubscribe)
        step.name = "Many thanks"
        self.assertEqual(mailing.subject, "Many thanks")
        self.assertEqual(step.action_test_sms()["res_model"], "mailing.sms.test")
        step.unlink()
        self.assertFalse(mailing.exists())

    def test_reader_opens_the_step_without_rights_to_mailings(self):
        self._draw_text()
        step = self.step.with_user(self.user)
        self.assertFalse(
            self.env["mailing.mailing"].with_user(self.user).has_access("read")
        )
        self.assertEqual(Form(step).sms_body, "Hello {{ object.name }}")

    def test_flow_offers_and_shows_texts(self):
        flow = self._draw_text().get_flow()
        kind = next(kind for kind in flow["kinds"] if kind["key"] == "sms")
        self.assertEqual(kind["group"], "send")
        step = next(step for step in flow["steps"] if step["kind"] == "sms")
        self.assertEqual(step["text"], "Hello {{ object.name }}")
        self.assertEqual(
            [outcome["key"] for outcome in step["outcomes"]], ["next", "not_sent"]
        )

    def test_text_follows_the_documents_of_the_journey(self):
        journey = self._draw_text(keyed_by="document")
        self.assertEqual(self.step.sms_model, "sale.order")
        journey.keyed_by = "customer"
        self.assertEqual(self.step.sms_model, "res.partner")
        self.assertFalse(self.step.problem)

    def test_text_counts_for_the_campaign_of_the_journey(self):
        campaign = self.env["utm.campaign"].create({"title": "Spring"})
        journey = self._draw_text(campaign_id=campaign.id)
        self.assertEqual(self.step.mailing_id.campaign_id, campaign)
        journey.campaign_id = False
        self.assertFalse(self.step.mailing_id.campaign_id)

    def test_new_version_has_a_text_of_its_own(self):
        journey = self._start_text()
        journey.action_new_version()
        drawn = journey.draft_version_id.step_ids.filtered(
            lambda step: step.kind == "sms"
        )
        drawn.sms_body = "Other words"
        self.assertEqual(self.step.sms_body, "Hello {{ object.name }}")
        with self.assertRaisesRegex(UserError, "new version"):
            self.step.sms_body = "Changed"

    def test_nobody_sends_it_to_everybody(self):
        self._draw_text()
        mailing = self.step.mailing_id
        for send in (mailing.action_put_in_queue, mailing.action_send_mail):
            with self.assertRaisesRegex(UserError, "start the journey"):
                send()
        self.assertFalse(self._get_texts())

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    def test_text_goes_once(self):
        journey = self._start_text()
        for partner in self.customer | self.other:
            self._create_order(partner)
        self._advance()
        self._advance()
        self.assertEqual(
            self._get_texts(),
            [(ADA, f"Hello {self.customer.name}"), (BOB, "Hello Bob Ltd")],
        )
        self.assertEqual(set(self._get_runs(journey).mapped("state")), {"done"})
        self.assertEqual(journey.message_count, 2)

    def test_nothing_leaves_before_the_journey_is_sure_of_it(self):
        self._draw_text()
        self.step.mailing_id.sms_force_send = True
        self.step.journey_id.action_start()
        self._create_order()
        self._advance()
        queued = self.env["sms.sms"].search([("number", "=", ADA)])
        self.assertEqual(queued.state, "outgoing")

    def test_one_text_per_document_to_the_same_number(self):
        journey = self._start_text("Order {{ object.name }}", keyed_by="document")
        orders = self._create_order() | self._create_order()
        self._advance()
        self._advance()
        self.assertEqual(
            self._get_texts(), sorted((ADA, f"Order {order.name}") for order in orders)
        )
        self.assertEqual(journey.message_count, 2)

    def test_customers_who_share_a_number_get_one_each(self):
        self.other.phone = self.customer.phone
        journey = self._start_text()
        for partner in self.customer | self.other:
            self._create_order(partner)
        self._advance()
        self.assertEqual([number for number, _text in self._get_texts()], [ADA] * 2)
        self.assertFalse(self._get_unsent(journey))

    def test_who_has_no_valid_number_goes_the_other_way(self):
        self.customer.phone = False
        self.other.phone = "12"
        journey = self._start_text()
        for partner in self.customer | self.other:
            self._create_order(partner)
        self._advance()
        self.assertEqual(
            self._get_unsent(journey),
            {
                self.customer: "There is no phone number.",
                self.other: "The phone number is not valid.",
            },
        )
        self.assertEqual(self.customer.category_id, self.unsent)
        self.assertEqual(journey.message_count, 0)

    def test_who_did_not_agree_to_texts_gets_none(self):
        self.env["crm.consent"]._record(
            self.customer, "marketing", "sms", False, "Portal", "Offers"
        )
        third = self._create_customer("Eve Ltd", phone="+32 470 11 11 11")
        self._allow(third, channel="email")
        journey = self._start_text()
        for partner in self.customer | self.other | third:
            self._create_order(partner)
        self._advance()
        self.assertEqual([number for number, _text in self._get_texts()], [BOB])
        self.assertEqual(set(self._get_unsent(journey)), {self.customer, third})

    def test_no_of_another_with_the_same_number_counts(self):
        third = self._create_customer("Eve Ltd", phone=self.customer.phone)
        self.env["crm.consent"]._record(
            third, "marketing", "sms", False, "Portal", "Offers"
        )
        journey = self._start_text()
        self._create_order()
        self._create_order(self.other)
        self._advance()
        self.assertEqual([number for number, _text in self._get_texts()], [BOB])
        self.assertEqual(self._get_unsent(journey), {self.customer: "Opted Out"})
        self.assertEqual(journey.message_count, 1)

    def test_quiet_hours_defer_and_do_not_drop(self):
        policy = self.env["crm.contact.policy"].create(
            {"name": "Night", "channel": "sms", "quiet_from": 0, "quiet_to": 23.99}
        )
        journey = self._start_text()
        self._create_order()
        self._advance()
        run = self._get_runs(journey)
        self.assertEqual((run.state, run.step_id), ("active", self.step))
        self.assertFalse(self._get_texts())
        policy.active = False
        journey._release_contact_holds(self.customer)
        self._advance()
        self.assertEqual(len(self._get_texts()), 1)

    def test_cap_holds_the_second_text(self):
        self.env["crm.contact.policy"].create(
            {"name": "One a week", "channel": "sms", "cap": 1, "period_days": 7}
        )
        journeys = self._start_text() | self._start_text()
        self._create_order()
        self._advance()
        states = sorted(self._get_runs(journey).state for journey in journeys)
        self.assertEqual(states, ["active", "done"])

    def test_policies_are_asked_as_a_journey_and_not_as_a_mailing(self):
        """While a journey's message waits for room, mailings would have to wait."""
        self.env["crm.contact.policy"].create(
            {"name": "One a week", "channel": "sms", "cap": 1, "period_days": 7}
        )
        senders = self.env["crm.contact.policy.sender"]
        first, later = (
            senders.search([("code", "=", code)]) for code in ("journey", "mailing")
        )
        later.sequence = first.sequence + 10
        journeys = self.journeys.browse()
        for _number in range(3):
            journeys |= self._start_text(step={"message_days": 30})
        self._create_order()
        self._advance()
        self.env.cr.execute(
            "UPDATE mailing_trace SET create_date = create_date - interval '8 days'"
        )
        self._advance(days=8)
        states = sorted(self._get_runs(journey).state for journey in journeys)
        self.assertEqual(states, ["active", "done", "done"])

    def test_wrong_placeholder_parks_with_its_error(self):
        journey = self._start_text("Hello {{ object.no_such_field }}")
        self._create_order()
        self._advance()
        run = self._get_runs(journey)
        self.assertEqual((run.state, run.step_id), ("parked", self.step))
        self.assertTrue(run.note)
        self.assertFalse(self._get_texts())

    def test_dry_run_tells_who_would_get_it_and_sends_nothing(self):
        journey = self._draw_text()
        self.other.phone = False
        for partner in self.customer | self.other:
            self._create_order(partner)
        self._run_pipeline()
        self._put_clock_forward(minutes=5)
        run = self.env["crm.journey.dry.run"].create(
            {"journey_id": journey.id, "mode": "history"}
        )
        run.action_run()
        self.assertEqual((run.entered_count, run.sent_count), (2, 1))
        counts = {
            line.outcome: line.count
            for line in run.line_ids
            if line.step_id == self.step
        }
        self.assertEqual(counts, {"next": 1, "not_sent": 1})
        self.assertFalse(self._get_texts())

    def test_clicks_count_for_the_text_they_belong_to(self):
        clicked = self.env.ref("crm_lifecycle.crm_customer_event_type_mailing_clicked")
        journey = self._draw(
            {
                "one": ("sms", {"sms_body": "First"}, {"next": "two"}),
                "two": ("sms", {"sms_body": "Second"}, {"next": "wait"}),
                "wait": (
                    "wait_event",
                    {"event_type_id": clicked.id, "wait_number": 5},
                    {"happened": "yes"},
                ),
                "yes": ("tag", {"tag_ids": [Command.set(self.unsent.ids)]}, {}),
            }
        )
        steps = {step.name: step for step in journey.draft_version_id.step_ids}
        steps["wait"].message_step_id = steps["two"]
        journey.action_start()
        self._create_order()
        self._advance()
        for name, expected in (("one", "wait"), ("two", False)):
            steps[name].mailing_id.mailing_trace_ids.set_clicked()
            clicked._insert_events(fields.Domain.TRUE)
            self._advance()
            self.assertEqual(self._get_runs(journey).step_id.name, expected)

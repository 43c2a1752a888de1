from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .journey_case import JourneyCase

TAG = ("tag", {}, {})


@tagged("post_install", "-at_install")
class TestCrmJourney(JourneyCase):
    """Who enters, how often, and who leaves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Met"})
        cls.tagging = ("tag", {"tag_ids": [Command.set(cls.tag.ids)]}, {})
        cls.other = cls._create_customer("Bob Ltd")

    def _wait(self, **settings):
        return {"wait": ("wait", {"wait_number": 7, **settings}, {})}

    # ------------------------------------------------------------
    # Entering
    # ------------------------------------------------------------

    def test_event_lets_customer_enter_and_take_the_step(self):
        journey = self._start({"tag": self.tagging})
        self._create_order()
        self._advance()
        run = self._get_runs(journey)
        self.assertEqual(run.partner_id, self.customer)
        self.assertEqual(run.state, "done")
        self.assertIn(self.tag, self.customer.category_id)
        self.assertNotIn(self.tag, self.other.category_id)
        self.assertPath(run, [("tag", "next")])

    def test_events_before_the_start_do_not_count(self):
        self._create_order()
        journey = self._draw({"tag": self.tagging})
        journey.action_start()
        self._advance()
        self.assertFalse(self._get_runs(journey))

    def test_running_twice_enters_nobody_twice(self):
        journey = self._start({"tag": self.tagging}, reentry="always")
        self._create_order()
        self._advance()
        self._advance()
        self.assertEqual(len(self._get_runs(journey)), 1)

    def test_draft_and_paused_journeys_rest(self):
        draft = self._draw({"tag": self.tagging})
        paused = self._start(self._wait(wait_number=0), name="Paused")
        paused.action_pause()
        self._create_order()
        self._advance()
        self.assertFalse(self._get_runs(draft) | self._get_runs(paused))

    def test_pause_keeps_everybody_where_he_is(self):
        journey = self._start(
            {"wait": ("wait", {}, {"next": "tag"}), "tag": self.tagging}
        )
        self._create_order()
        self._advance()
        journey.action_pause()
        self._advance(days=3)
        self.assertEqual(self._get_runs(journey).step_id.name, "wait")
        journey.action_start()
        self._advance()
        self.assertEqual(self._get_runs(journey).state, "done")

    def test_one_run_per_customer_or_per_document(self):
        by_customer = self._start(self._wait())
        by_order = self._start(self._wait(), keyed_by="document")
        orders = self._create_order() | self._create_order()
        self._advance()
        self.assertEqual(self._get_runs(by_customer).partner_id, self.customer)
        runs = self._get_runs(by_order)
        self.assertEqual(set(runs.mapped("res_id")), set(orders.ids))
        self.assertEqual(set(runs.mapped("res_model")), {"sale.order"})
        self.assertEqual(runs.partner_id, self.customer)

    def test_run_for_the_record_behind_the_document(self):
        posted = self.env.ref("crm_lifecycle.crm_customer_event_type_invoice_posted")
        field = self.env["ir.model.fields"]._get("account.move", "partner_id")
        journey = self._start(
            self._wait(),
            event_type_id=posted.id,
            keyed_by="document",
            key_field_id=field.id,
        )
        self._invoice(self._create_order())
        self._invoice(self._create_order())
        self._advance()
        run = self._get_runs(journey)
        self.assertEqual((run.res_model, run.res_id), ("res.partner", self.customer.id))

    def test_conditions_on_document_and_customer(self):
        journey = self._start(
            self._wait(),
            keyed_by="document",
            event_domain="[('amount_total', '>=', 500)]",
            profile_domain=f"[('partner_id', '!=', {self.other.id})]",
        )
        large = self._create_order(amount=600)
        self._create_order(amount=100)
        self._create_order(self.other, amount=900)
        self._advance()
        self.assertEqual(self._get_runs(journey).mapped("res_id"), large.ids)

    def test_never_again(self):
        journey = self._start({"tag": self.tagging})
        for _number in range(2):
            self._create_order()
            self._advance()
        self.assertEqual(len(self._get_runs(journey)), 1)

    def test_again_at_every_occasion(self):
        journey = self._start(self._wait(), reentry="always")
        for _number in range(2):
            self._create_order()
            self._advance()
        self.assertEqual(len(self._get_runs(journey)), 2)

    def test_again_so_many_days_after_the_end(self):
        journey = self._start(
            {"tag": self.tagging}, reentry="after_end", reentry_days=5
        )
        self._create_order()
        self._advance()
        self._advance(days=3)
        self._create_order()
        self._advance()
        self.assertEqual(len(self._get_runs(journey)), 1)
        self._advance(days=3)
        self._create_order()
        self._advance()
        self.assertEqual(len(self._get_runs(journey)), 2)

    def test_not_again_while_on_the_way(self):
        journey = self._start(self._wait(), reentry="after_end")
        for _number in range(2):
            self._create_order()
            self._advance()
        self.assertEqual(len(self._get_runs(journey)), 1)

    def test_excluded_segment_and_control_group_stay_out(self):
        segment = self.env["crm.segment"].create({"name": "No", "kind": "static"})
        self.env["crm.segment.member"].create(
            {"segment_id": segment.id, "partner_id": self.customer.id}
        )
        journey = self._start(
            self._wait(), excluded_segment_ids=[Command.set(segment.ids)]
        )
        campaign = self.env["utm.campaign"].create(
            {"title": "Held", "control_share": 99}
        )
        held = self._start(self._wait(), campaign_id=campaign.id)
        customers = self.env["res.partner"].browse()
        for number in range(20):
            customers |= self._create_customer(f"C{number} Ltd")
        for customer in customers | self.customer:
            self._create_order(customer)
        self._advance()
        self.assertEqual(self._get_runs(journey).partner_id, customers)
        control = customers.search(
            campaign._get_control_domain() & fields.Domain("id", "in", customers.ids)
        )
        self.assertTrue(control)
        self.assertFalse(self._get_runs(held).partner_id & control)

    def test_segment_entered_and_left(self):
        segment = self.env["crm.segment"].create({"name": "Hot", "kind": "static"})
        entered, left = (
            self._start(self._wait(), trigger=trigger, segment_id=segment.id)
            for trigger in ("segment_entered", "segment_left")
        )
        self._create_order()
        self._create_order(self.other)
        self._run_pipeline()
        member, _other = self.env["crm.segment.member"].create(
            [
                {"segment_id": segment.id, "partner_id": partner.id}
                for partner in (self.customer, self.other)
            ]
        )
        self._advance()
        self.assertEqual(self._get_runs(entered).partner_id, self.customer | self.other)
        self.assertFalse(self._get_runs(left))
        member.action_leave()
        self._advance()
        self.assertEqual(self._get_runs(left).partner_id, self.customer)

    def test_date_of_the_customer(self):
        field = self.env["ir.model.fields"]._get(
            "crm.customer.profile", "last_order_date"
        )
        journey = self._start(
            self._wait(), trigger="date", date_field_id=field.id, date_offset=60
        )
        journey.start_date -= timedelta(days=9)
        self._create_order(days_ago=60)
        self._create_order(self.other, days_ago=59)
        ours = self.customer | self.other
        for _time in range(2):
            self._advance()
            runs = self._get_runs(journey)
            runs = runs.filtered(lambda run: run.partner_id in ours)
            self.assertEqual(runs.mapped("partner_id.id"), self.customer.ids)
            self.assertEqual(len(runs), 1)

    def test_by_hand(self):
        journey = self._start(self._wait(), trigger="manual")
        self._create_order()
        self._run_pipeline()
        self.assertEqual(journey.action_enrol(self.customer.ids), 1)
        self.assertEqual(journey.action_enrol(self.customer.ids), 0)
        self.assertEqual(self._get_runs(journey).partner_id, self.customer)
        journey.action_pause()
        with self.assertRaisesRegex(UserError, "Start journey"):
            journey.action_enrol(self.customer.ids)

    # ------------------------------------------------------------
    # Leaving
    # ------------------------------------------------------------

    def test_goal_ends_the_run(self):
        paid = self.env.ref("crm_lifecycle.crm_customer_event_type_invoice_paid")
        journey = self._start(self._wait(), goal_type_id=paid.id)
        order = self._create_order()
        self._create_order(self.other)
        self._advance()
        self._invoice(order, paid=True)
        paid._insert_events(fields.Domain.TRUE)
        self._advance()
        states = {run.partner_id: run.state for run in self._get_runs(journey)}
        self.assertEqual(states, {self.customer: "goal", self.other: "active"})
        self.assertEqual(journey.goal_count, 1)

    def test_event_about_the_same_document_ends_only_its_run(self):
        cancelled = self.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_cancelled"
        )
        journey = self._start(
            self._wait(),
            keyed_by="document",
            exit_type_ids=[Command.set(cancelled.ids)],
        )
        orders = self._create_order() | self._create_order()
        self._advance()
        orders[0]._action_cancel()
        self._advance()
        states = {run.res_id: run.state for run in self._get_runs(journey)}
        self.assertEqual(states, {orders[0].id: "exited", orders[1].id: "active"})

    def test_deleted_document_ends_its_run(self):
        journey = self._start(
            {"wait": ("wait", {}, {"next": "tag"}), "tag": self.tagging},
            keyed_by="document",
        )
        order = self._create_order()
        self._advance()
        order._action_cancel()
        order.unlink()
        self._advance(days=2)
        self.assertEqual(self._get_runs(journey).state, "exited")

    def test_ending_the_journey_takes_everybody_out(self):
        journey = self._start(self._wait())
        self._create_order()
        self._advance()
        journey.action_end()
        self.assertEqual(self._get_runs(journey).state, "exited")
        self.assertEqual(journey.state, "ended")

    def test_runs_follow_a_merged_customer(self):
        journey = self._start(self._wait())
        self._create_order(self.other)
        self._advance()
        run = self._get_runs(journey)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | self.other).ids, self.customer
        )
        self.env.invalidate_all()
        self.assertEqual(run.partner_id, self.customer)
        self.assertEqual(run.res_id, self.customer.id)
        self._create_order()
        self._advance()
        self.assertEqual(self._get_runs(journey), run, "not a second time")

    def test_runs_are_told_and_erased_with_the_person(self):
        journey = self._start(self._wait())
        self._create_order()
        self._advance()
        sections = self.env["crm.privacy.request"]._get_sections()
        [section] = [s for s in sections if s.model == "crm.journey.participant"]
        self.assertEqual(section.erasure, "purge")
        request = self.env["crm.privacy.request"].create(
            {"partner_id": self.customer.id, "kind": "erasure"}
        )
        subject = request._get_subject()
        self.assertEqual(
            request._find_records(section, subject), self._get_runs(journey)
        )

    # ------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------

    def test_published_steps_do_not_change(self):
        journey = self._start({"tag": self.tagging})
        step = journey.version_id.step_ids
        for change in (
            lambda: step.write({"kind": "exit"}),
            lambda: step.unlink(),
            lambda: step.action_connect("next", step.id),
            lambda: self.env["crm.journey.step"].create(
                {"version_id": step.version_id.id, "name": "X", "kind": "exit"}
            ),
        ):
            with self.assertRaisesRegex(UserError, "new version"):
                change()
        step.x = 400

    def test_who_is_on_the_way_finishes_his_version_or_moves(self):
        steps = {"wait": ("wait", {}, {"next": "tag"}), "tag": self.tagging}
        stays, moves = self._start(steps), self._start(steps)
        self._create_order()
        self._advance()
        for journey in stays | moves:
            journey.action_new_version()
            draft = journey.draft_version_id
            self.assertEqual(draft.number, 2)
            wait = draft.step_ids.filtered(lambda step: step.kind == "wait")
            wait.action_connect("next", False)
        stays.action_publish()
        moves.action_publish_and_move()
        self._advance(days=2)
        self.assertPath(self._get_runs(stays), [("wait", "next"), ("tag", "next")])
        self.assertPath(self._get_runs(moves), [("wait", "next")])
        self.assertEqual(self._get_runs(moves).version_id, moves.version_id)

    def test_incomplete_journey_does_not_start(self):
        journey = self._draw({"tag": TAG, "segment": ("segment", {}, {})})
        with self.assertRaisesRegex(UserError, "(?s)tag: fill in.*segment: fill in"):
            journey.action_start()
        self.assertEqual(journey.state, "draft")

    def test_circle_without_waiting_does_not_start(self):
        journey = self._draw(
            {
                "one": (*self.tagging[:2], {"next": "two"}),
                "two": (*self.tagging[:2], {"next": "one"}),
            }
        )
        with self.assertRaisesRegex(UserError, "circle"):
            journey.action_start()

    def test_circle_with_waiting_goes_round(self):
        journey = self._start(
            {
                "wait": ("wait", {}, {"next": "tag"}),
                "tag": (*self.tagging[:2], {"next": "wait"}),
            }
        )
        self._create_order()
        self._advance()
        for _round in range(2):
            self._advance(days=1, minutes=5)
        run = self._get_runs(journey)
        self.assertEqual((run.state, run.visit), ("active", 4))

    def test_copy_has_steps_of_its_own(self):
        journey = self._start(
            {"wait": ("wait", {}, {"next": "tag"}), "tag": self.tagging}
        )
        copied = journey.copy()
        self.assertEqual(copied.state, "draft")
        steps = copied.draft_version_id.step_ids
        self.assertEqual(steps.mapped("name"), ["wait", "tag"])
        self.assertEqual(steps[0].edge_ids.target_id, steps[1])
        self.assertFalse(steps & journey.version_id.step_ids)

    # ------------------------------------------------------------
    # Definition
    # ------------------------------------------------------------

    def test_wrong_condition_is_told(self):
        with self.assertRaisesRegex(ValidationError, "condition is not valid"):
            self._draw({"tag": self.tagging}, profile_domain="[('nothing', '=', 1)]")

    def test_running_journey_is_not_deleted(self):
        journey = self._start({"tag": self.tagging})
        with self.assertRaisesRegex(UserError, "End a running journey"):
            journey.unlink()

    def test_form_of_a_marketing_user(self):
        self.user.group_ids += self.env.ref("mass_mailing.group_mass_mailing_user")
        with Form(self.journeys.with_user(self.user)) as form:
            form.name = "Mine"
            form.event_type_id = self.confirmed
            form.keyed_by = "document"
        self.assertEqual(form.record.document_model, "sale.order")

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_users_see_journeys_and_marketing_changes_them(self):
        journey = self._start({"tag": self.tagging})
        reader = journey.with_user(self.user)
        self.assertEqual(reader.name, "Way")
        for act in (reader.action_pause, reader.action_end):
            with self.assertRaises(AccessError):
                act()
        self.user.group_ids += self.env.ref("mass_mailing.group_mass_mailing_user")
        reader.action_pause()
        self.assertEqual(journey.state, "paused")

    def test_salesman_sees_the_runs_of_his_customers(self):
        self.customer.user_id = self.salesman
        self.other.user_id = self.manager
        journey = self._start(self._wait())
        self._create_order()
        self._create_order(self.other)
        self._advance()
        runs = self._get_runs(journey)
        seen = self.participants.with_user(self.salesman).search(
            [("journey_id", "=", journey.id)]
        )
        self.assertEqual(seen.partner_id, self.customer)
        traces = self.env["crm.journey.trace"].with_user(self.salesman).search([])
        self.assertFalse(traces.participant_id - seen)
        self.assertFalse(runs.with_user(self.salesman).has_access("write"))

    def test_other_company_is_not_seen(self):
        journey = self._start(self._wait())
        self._create_order()
        self._advance()
        company = self.env["res.company"].create({"name": "Other"})
        stranger = self.manager
        stranger.write(
            {
                "company_ids": [Command.set(company.ids)],
                "company_id": company.id,
            }
        )
        for records in (
            journey,
            journey.version_id,
            journey.version_id.step_ids,
            self._get_runs(journey),
        ):
            self.assertFalse(
                self.env[records._name]
                .with_user(stranger)
                .search([("id", "in", records.ids)])
            )

    def test_only_managers_draw_what_reaches_further(self):
        self.user.group_ids += self.env.ref("mass_mailing.group_mass_mailing_user")
        journey = self._draw({"tag": self.tagging}).with_user(self.user)
        steps = self.env["crm.journey.step"].with_user(self.user)
        values = {"version_id": journey.draft_version_id.id, "name": "X"}
        for kind in ("webhook", "action", "field"):
            with self.subTest(kind), self.assertRaisesRegex(UserError, "Manager"):
                steps.create({**values, "kind": kind})
        field = self.env["ir.model.fields"]._get("res.company", "name")
        with self.assertRaises(AccessError):
            steps.with_user(self.manager).create(
                {**values, "kind": "field", "field_id": field.id}
            )

    def test_flow_tells_steps_lines_and_counts(self):
        journey = self._start(
            {"wait": ("wait", {}, {"next": "tag"}), "tag": self.tagging}
        )
        self._create_order()
        self._advance()
        flow = journey.with_user(self.user).get_flow()
        self.assertEqual(
            [(step["name"], step["waiting"]) for step in flow["steps"]],
            [("wait", 1), ("tag", 0)],
        )
        self.assertFalse(flow["journey"]["can_write"])
        self._advance(days=2)
        flow = journey.get_flow()
        self.assertEqual(
            {(row["step_id"], row["outcome"]): row["count"] for row in flow["counts"]},
            {(step["id"], "next"): 1 for step in flow["steps"]},
        )

    def test_events_wake_the_scheduled_action(self):
        self._start({"tag": self.tagging})
        with patch.object(type(self.journeys), "_wake") as wake:
            self._create_order()
            self.assertTrue(wake.called)

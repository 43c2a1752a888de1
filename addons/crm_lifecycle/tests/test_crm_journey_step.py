from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged

from ..journey_steps.cycles import find_cycle
from ..journey_steps.splitting import choose, draw
from ..journey_steps.waiting import after_period, next_slot
from .journey_case import JourneyCase


@tagged("post_install", "-at_install")
class TestCrmJourneyStep(JourneyCase):
    """What each kind of step does, and where it leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yes, cls.no, cls.late = cls.env["res.partner.category"].create(
            [{"name": "Yes"}, {"name": "No"}, {"name": "Late"}]
        )
        cls.other = cls._create_customer("Bob Ltd")

    def _tagging(self, tag):
        return ("tag", {"tag_ids": [Command.set(tag.ids)]}, {})

    def _run(self, steps, customers=None, **values):
        """Start a journey and let customers enter it by an order each."""
        journey = self._start(steps, **values)
        for customer in customers or self.customer:
            self._create_order(customer)
        self._advance()
        return journey

    # ------------------------------------------------------------
    # Time
    # ------------------------------------------------------------

    def test_wait_for_a_period(self):
        journey = self._run(
            {
                "wait": ("wait", {"wait_number": 3}, {"next": "tag"}),
                "tag": self._tagging(self.yes),
            }
        )
        run = self._get_runs(journey)
        self.assertEqual(run.due_date, run.date_entered + timedelta(days=3))
        self._advance(days=2)
        self.assertFalse(self.customer.category_id)
        self._advance(days=1)
        self.assertEqual(self.customer.category_id, self.yes)

    def test_wait_until_weekday_and_hour_where_the_customer_lives(self):
        self.customer.tz = "America/New_York"
        journey = self._run(
            {
                "wait": (
                    "wait",
                    {"wait_mode": "slot", "wait_weekday": "1", "wait_hour": 9.5},
                    {},
                )
            }
        )
        due = self._get_runs(journey).due_date
        local = fields.Datetime.context_timestamp(
            journey.with_context(tz="America/New_York"), due
        )
        self.assertEqual((local.weekday(), local.hour, local.minute), (1, 9, 30))
        self.assertLess(due - self.env.cr.now(), timedelta(days=7, hours=1))

    def test_wait_until_the_best_hour_of_the_customer(self):
        self._create_order()
        self._run_pipeline()
        profile = self._get_profile()
        profile.write({"preferred_weekday": "2", "preferred_hour": 19})
        with patch.object(type(self.profile), "_refresh", return_value=0):
            journey = self._run({"wait": ("wait", {"wait_mode": "best"}, {})})
        zone = self.env.company.partner_id.tz or "UTC"
        local = fields.Datetime.context_timestamp(
            journey.with_context(tz=zone), self._get_runs(journey).due_date
        )
        self.assertEqual(local.hour, 19)

    def test_wait_until_a_date_of_the_document(self):
        field = self.env["ir.model.fields"]._get("sale.order", "validity_date")
        settings = {
            "wait_mode": "date",
            "wait_field_id": field.id,
            "wait_offset": -2,
        }
        journey = self._start({"wait": ("wait", settings, {})}, keyed_by="document")
        today = fields.Date.today()
        waits = self._create_order(validity_date=today + timedelta(days=10))
        past = self._create_order(validity_date=today - timedelta(days=1))
        none = self._create_order(validity_date=False)
        self._advance()
        runs = {run.res_id: run for run in self._get_runs(journey)}
        self.assertEqual(runs[waits.id].due_date.date(), today + timedelta(days=8))
        self.assertEqual(runs[past.id].state, "done")
        self.assertEqual(runs[none.id].state, "done")

    def _wait_for_payment(self):
        paid = self.env.ref("crm_lifecycle.crm_customer_event_type_payment_received")
        settings = {"event_type_id": paid.id, "wait_number": 14}
        ways = {"happened": "yes", "timeout": "late"}
        return {
            "wait": ("wait_event", settings, ways),
            "yes": self._tagging(self.yes),
            "late": self._tagging(self.late),
        }

    def test_wait_until_it_happens_or_time_is_up(self):
        customers = self.customer | self.other
        self._run(self._wait_for_payment(), customers)
        self.assertFalse(customers.category_id)
        self._advance(days=5)
        order = self.env["sale.order"].search([("partner_id", "=", self.customer.id)])
        self._invoice(order, paid=True)
        self.env.ref(
            "crm_lifecycle.crm_customer_event_type_payment_received"
        )._insert_events(fields.Domain.TRUE)
        self._advance()
        self.assertEqual(self.customer.category_id, self.yes)
        self.assertFalse(self.other.category_id)
        self._advance(days=9, minutes=1)
        self.assertEqual(self.other.category_id, self.late)
        self.assertEqual(self.customer.category_id, self.yes)

    def test_what_happened_before_the_entry_does_not_count(self):
        self._invoice(self._create_order(), paid=True)
        self.env.ref(
            "crm_lifecycle.crm_customer_event_type_payment_received"
        )._insert_events(fields.Domain.TRUE)
        self._run(self._wait_for_payment())
        self.assertFalse(self.customer.category_id)

    # ------------------------------------------------------------
    # Ways
    # ------------------------------------------------------------

    def test_decide_by_profile_and_document(self):
        journey = self._start(
            {
                "if": (
                    "branch",
                    {
                        "profile_domain": "[('order_count', '>=', 2)]",
                        "document_domain": "[('amount_total', '>=', 500)]",
                    },
                    {"yes": "yes", "no": "no"},
                ),
                "yes": self._tagging(self.yes),
                "no": self._tagging(self.no),
            },
            keyed_by="document",
        )
        large, small = self._create_order(amount=500), self._create_order(amount=10)
        single = self._create_order(self.other, amount=900)
        self._advance()
        runs = {run.res_id: run for run in self._get_runs(journey)}
        self.assertPath(runs[large.id], [("if", "yes"), ("yes", "next")])
        self.assertPath(runs[small.id], [("if", "no"), ("no", "next")])
        self.assertPath(runs[single.id], [("if", "no"), ("no", "next")])

    def test_split_by_weights_and_the_same_way_again(self):
        customers = self.env["res.partner"].browse()
        for number in range(100):
            customers |= self._create_customer(f"C{number} Ltd")
        journey = self._draw(
            {
                "split": ("split", {}, {"A": "yes", "B": "no"}),
                "yes": self._tagging(self.yes),
                "no": self._tagging(self.no),
            }
        )
        edges = journey.draft_version_id.step_ids[0].edge_ids
        edges.filtered(lambda edge: edge.outcome == "A").weight = 3
        journey.action_start()
        for customer in customers:
            self._create_order(customer)
        self._advance()
        runs = self._get_runs(journey)
        share = sum(
            run.trace_ids.sorted("visit")[0].outcome == "A" for run in runs
        ) / len(runs)
        self.assertEqual(len(runs), 100)
        # Six standard deviations of a share of 0.75 among 100.
        self.assertAlmostEqual(share, 0.75, delta=0.26)

    def test_goal_and_exit(self):
        journey = self._run(
            {
                "if": (
                    "branch",
                    {"profile_domain": f"[('partner_id', '=', {self.customer.id})]"},
                    {"yes": "goal", "no": "exit"},
                ),
                "goal": ("goal", {}, {}),
                "exit": ("exit", {}, {}),
            },
            self.customer | self.other,
        )
        states = {run.partner_id: run.state for run in self._get_runs(journey)}
        self.assertEqual(states, {self.customer: "goal", self.other: "exited"})
        self.assertEqual(journey.goal_count, 1)

    # ------------------------------------------------------------
    # Acts
    # ------------------------------------------------------------

    def test_activity_for_the_salesperson_on_the_document(self):
        journey = self._start(
            {"call": ("activity", {"summary": "Call", "activity_days": 3}, {})},
            keyed_by="document",
        )
        order = self._create_order(user_id=self.salesman.id)
        self._advance()
        activity = order.activity_ids
        self.assertEqual(activity.summary, "Call")
        self.assertEqual(activity.user_id, self.salesman)
        self.assertEqual(
            activity.date_deadline, fields.Date.today() + timedelta(days=3)
        )
        self._advance()
        self.assertEqual(len(order.activity_ids), 1)
        self.assertEqual(self._get_runs(journey).state, "done")

    def test_colleague_is_told(self):
        settings = {"summary": "Look here", "assign_to": "user"}
        self._run({"tell": ("colleague", {**settings, "user_id": self.user.id}, {})})
        message = self.env["mail.message"].search([("subject", "=", "Look here")])
        self.assertEqual(message.notified_partner_ids, self.user.partner_id)

    def test_lead_for_the_campaign(self):
        campaign = self.env["utm.campaign"].create({"title": "Spring"})
        settings = {"summary": "Ask for more", "assign_to": "user"}
        self._run(
            {"lead": ("lead", {**settings, "user_id": self.salesman.id}, {})},
            campaign_id=campaign.id,
        )
        lead = self.env["crm.lead"].search([("name", "=", "Ask for more")])
        self.assertEqual(lead.partner_id, self.customer)
        self.assertEqual(lead.user_id, self.salesman)
        self.assertEqual(lead.campaign_id, campaign)

    def test_segment_assignment_and_field(self):
        segment = self.env["crm.segment"].create({"name": "Met", "kind": "static"})
        field = self.env["ir.model.fields"]._get("res.partner", "ref")
        out = {"segment_id": segment.id, "segment_operation": "remove"}
        owner = {"assign_to": "user", "user_id": self.salesman.id}
        self._run(
            {
                "in": ("segment", {"segment_id": segment.id}, {"next": "own"}),
                "own": ("assign", owner, {"next": "set"}),
                "set": (
                    "field",
                    {"field_id": field.id, "field_value": "VIP"},
                    {"next": "wait"},
                ),
                "wait": ("wait", {}, {"next": "out"}),
                "out": ("segment", out, {}),
            }
        )
        members = self.env["crm.segment.member"].search(
            [("segment_id", "=", segment.id), ("date_left", "=", False)]
        )
        self.assertEqual(members.partner_id, self.customer)
        self.assertEqual(self.customer.user_id, self.salesman)
        self.assertEqual(self.customer.ref, "VIP")
        self._advance(days=1)
        self.assertTrue(members.date_left)

    def test_values_of_fields(self):
        version = self._draw({"tag": self._tagging(self.yes)}).draft_version_id
        day = fields.Date.today() + timedelta(days=30)
        for name, value, expected in (
            ("comment", "Text", "Text"),
            ("color", "7", 7),
            ("is_company", "no", False),
            ("crm_birthday", "+30", day),
            ("crm_birthday", "2026-12-31", fields.Date.to_date("2026-12-31")),
            ("title", "", False),
            ("lang", self.env.user.lang, self.env.user.lang),
            ("user_id", self.salesman.name, self.salesman.id),
        ):
            if name not in self.customer._fields:
                continue
            field = self.env["ir.model.fields"]._get("res.partner", name)
            step = self.env["crm.journey.step"].new(
                {
                    "version_id": version.id,
                    "kind": "field",
                    "field_id": field.id,
                    "field_value": value,
                }
            )
            with self.subTest(name, value=value):
                self.assertEqual(step._get_value_to_set(), expected)

    def test_server_action(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Mark",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "records.write({'ref': 'marked'})",
            }
        )
        self._run(
            {"act": ("action", {"action_id": action.id}, {})},
            self.customer | self.other,
        )
        self.assertEqual((self.customer | self.other).mapped("ref"), ["marked"] * 2)

    # ------------------------------------------------------------
    # Errors
    # ------------------------------------------------------------

    def test_one_who_fails_is_parked_alone_and_tried_again(self):
        customers = self.customer | self.other
        for number in range(5):
            customers |= self._create_customer(f"C{number} Ltd")
        action = self.env["ir.actions.server"].create(
            {
                "name": "Mark",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "for record in records:\n"
                "    if record.comment: raise UserError('No comments')\n"
                "    record['ref'] = 'marked'",
            }
        )
        self.other.comment = "Fails"
        journey = self._run(
            {
                "act": ("action", {"action_id": action.id}, {"next": "yes"}),
                "yes": self._tagging(self.yes),
            },
            customers,
        )
        parked = self._get_runs(journey).filtered(lambda run: run.state == "parked")
        self.assertEqual(parked.partner_id, self.other)
        self.assertIn("No comments", parked.note)
        self.assertEqual(set((customers - self.other).mapped("ref")), {"marked"})
        self.assertEqual((customers - self.other).category_id, self.yes)
        self.assertFalse(self.other.category_id)
        self.assertEqual(journey.parked_count, 1)
        self.other.comment = False
        parked.action_retry()
        self._advance()
        self.assertEqual(self.other.ref, "marked")
        self.assertEqual(parked.state, "done")

    def test_parked_one_leaves_the_step_out(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Fail",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "raise UserError('Never')",
            }
        )
        journey = self._run(
            {
                "act": ("action", {"action_id": action.id}, {"next": "yes"}),
                "yes": self._tagging(self.yes),
            }
        )
        run = self._get_runs(journey)
        self.assertEqual(run.state, "parked")
        run.action_skip()
        self._advance()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.customer.category_id, self.yes)

    # ------------------------------------------------------------
    # Calls
    # ------------------------------------------------------------

    def test_call_is_signed_and_repeated_until_it_gets_through(self):
        self._run(
            {
                "call": (
                    "webhook",
                    {
                        "webhook_url": "https://example.com/hook",
                        "webhook_secret": "secret",
                    },
                    {},
                )
            }
        )
        call = self.env["crm.journey.webhook"].search([])
        sent = []

        class Response:
            def __init__(self, code):
                self.status_code, self.ok, self.reason = code, code == 200, "Said"

        def post(url, **options):
            sent.append((url, options))
            return Response(500 if len(sent) == 1 else 200)

        module = "odoo.addons.crm_lifecycle.models.crm_journey_webhook.requests.post"
        cron = self.env.ref("crm_lifecycle.ir_cron_call_webhooks")
        with patch(module, post), self.enter_registry_test_mode():
            cron.method_direct_trigger()
            self.assertEqual((call.state, call.answer), ("waiting", "500 Said"))
            self.assertGreater(call.next_date, self.env.cr.now())
            cron.method_direct_trigger()
            self.assertEqual(len(sent), 1, "not before its time")
            call.next_date = self.env.cr.now()
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        self.assertEqual(call.state, "sent")
        self.assertEqual(len(sent), 2)
        (url, first), (_url, second) = sent
        self.assertEqual(url, "https://example.com/hook")
        self.assertEqual(first["data"], second["data"])
        self.assertIn(b'"email": "ada@example.com"', first["data"])
        self.assertEqual(
            first["headers"]["Idempotency-Key"], second["headers"]["Idempotency-Key"]
        )
        self.assertEqual(len(first["headers"]["X-Signature-SHA256"]), 64)

    # ------------------------------------------------------------
    # Plain Python
    # ------------------------------------------------------------

    def test_periods(self):
        start = datetime(2026, 1, 31, 12)
        for number, unit, expected in (
            (30, "minutes", datetime(2026, 1, 31, 12, 30)),
            (2, "weeks", datetime(2026, 2, 14, 12)),
            (1, "months", datetime(2026, 2, 28, 12)),
        ):
            self.assertEqual(after_period(start, number, unit), expected)

    def test_slots(self):
        monday = datetime(2026, 11, 23, 8)
        for hour, weekday, zone, expected in (
            (9, None, "UTC", datetime(2026, 11, 23, 9)),
            (7, None, "UTC", datetime(2026, 11, 24, 7)),
            (8, 0, "UTC", monday),
            (7, 0, "UTC", datetime(2026, 11, 30, 7)),
            (9, 6, "Europe/Brussels", datetime(2026, 11, 29, 8)),
        ):
            self.assertEqual(next_slot(monday, hour, weekday, zone), expected)
        # Night of the change to summer time: 2:30 does not exist.
        spring = datetime(2026, 3, 28, 22)
        slot = next_slot(spring, 2.5, zone="Europe/Brussels")
        self.assertEqual(slot, datetime(2026, 3, 29, 1, 30))

    def test_draws_are_even_and_fixed(self):
        numbers = [draw(number, "step") for number in range(2000)]
        self.assertEqual(numbers, [draw(number, "step") for number in range(2000)])
        self.assertAlmostEqual(sum(numbers) / 2000, 0.5, delta=0.04)
        self.assertNotEqual(draw(1, "step"), draw(1, "other step"))
        self.assertEqual(
            [choose(x, [1, 0, 3]) for x in (0, 0.24, 0.26, 0.99)], [0, 0, 2, 2]
        )
        for weights in ([0, 0], [-1, 2]):
            with self.assertRaises(ValueError):
                choose(0.5, weights)

    def test_cycles(self):
        self.assertEqual(find_cycle({1: [2], 2: [3], 3: []}), [])
        self.assertEqual(find_cycle({1: [2, 3], 2: [3], 3: []}), [])
        self.assertEqual(set(find_cycle({0: [1], 1: [2], 2: [1]})), {1, 2})
        self.assertEqual(find_cycle({1: [1]}), [1])

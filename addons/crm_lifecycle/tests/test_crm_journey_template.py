from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .journey_case import JourneyCase


@tagged("post_install", "-at_install")
class TestCrmJourneyTemplate(JourneyCase):
    """The gallery's journeys run as they come."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.templates = cls.env["crm.journey.template"]
        cls.marketer = new_test_user(
            cls.env,
            "gallery_marketer",
            "crm_lifecycle.crm_lifecycle_group_user,"
            "mass_mailing.group_mass_mailing_user",
        )

    def _use(self, name):
        template = self.env.ref(f"crm_lifecycle.crm_journey_template_{name}")
        journey = template._make_journey()
        journey.action_start()
        return journey

    def test_every_template_starts_as_it_comes(self):
        templates = self.templates.search([]).filtered(lambda each: not each.missing)
        self.assertGreaterEqual(len(templates), 6)
        for template in templates.with_user(self.marketer):
            with self.subTest(template=template.name):
                action = template.action_use()
                self.assertEqual(action["tag"], "crm_lifecycle.journey_flow")
                journey = self.env["crm.journey"].browse(action["params"]["journey_id"])
                version = journey.draft_version_id
                self.assertEqual(version._get_problems(), [])
                # Each step is reached, and none lies upon another.
                steps = version.step_ids
                reached = version.start_step_id | steps.edge_ids.target_id
                self.assertEqual(reached, steps)
                self.assertEqual(len({(step.x, step.y) for step in steps}), len(steps))
                journey.with_user(self.marketer).action_start()
                self.assertEqual(journey.state, "running")

    def test_what_is_not_installed_is_said(self):
        template = self.templates.create(
            {
                "name": "Strange",
                "settings": {"event_type_id": {"ref": "sale.no_such_event"}},
                "step_ids": [
                    fields.Command.create(
                        {
                            "code": "a",
                            "name": "Strange",
                            "kind": "tag",
                            "settings": {"tag_ids": {"refs": ["no_such_addon.tag"]}},
                        }
                    )
                ],
            }
        )
        self.assertIn("Sales", template.missing)
        self.assertIn("no_such_addon", template.missing)
        with self.assertRaisesRegex(UserError, "Sales.*administrator"):
            template.action_use()

    def test_quotation_reminds_once_and_calls(self):
        journey = self._use("quotation")
        order = self._create_order(confirm=False)
        order.user_id = self.salesman
        order.action_quotation_sent()
        self._advance()
        self._advance(days=3)
        mails = self.env["mail.mail"].search([("subject", "ilike", "any questions")])
        self.assertEqual(mails.recipient_ids, self.customer)
        self.assertIn(self.customer.name, mails.body_html)
        # It names the quotation, and its link is tracked.
        self.assertIn(order.name, mails.body_html)
        links = self.env["link.tracker"].search([("url", "ilike", order.access_url)])
        self.assertTrue(links)
        self.assertIn(links[0].short_url, mails.body_html)
        self._advance(days=4)
        activity = order.activity_ids
        self.assertEqual(activity.summary, "Call about the open quotation")
        self.assertEqual(activity.user_id, self.salesman)
        self.assertEqual(self._get_runs(journey).state, "done")

    def test_quotation_that_is_confirmed_is_left_alone(self):
        journey = self._use("quotation")
        order = self._create_order(confirm=False)
        order.action_quotation_sent()
        self._advance()
        order.action_confirm()
        self._advance(days=3)
        self.assertEqual(self._get_runs(journey).state, "goal")
        self.assertFalse(order.activity_ids)

    def test_overdue_invoice_is_named(self):
        journey = self._use("overdue")
        order = self._create_order(amount=250)
        invoice = self._invoice(order)
        invoice.invoice_date_due = fields.Date.subtract(fields.Date.today(), days=3)
        overdue = self.env.ref("crm_lifecycle.crm_customer_event_type_invoice_overdue")
        overdue.sweep_date = fields.Datetime.now() - timedelta(days=5)
        self.env.flush_all()
        overdue._sweep_once()
        self._advance()
        self.assertEqual(self._get_runs(journey).res_id, invoice.id)
        [mail] = self.env["mail.mail"].search([("subject", "ilike", "kind reminder")])
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn(invoice.name, mail.body_html)
        self.assertIn(f"{invoice.amount_residual:.2f}", mail.body_html)
        self.assertIn("/r/", mail.body_html)

    def test_replenishment_follows_the_customer_s_own_rhythm(self):
        """Orders every 20 days: reminded three days after the next one was due."""
        self._allow(self.customer)
        journey = self._use("replenish")
        journey.start_date -= timedelta(days=30)
        for days in (63, 43, 23):
            self._create_order(days_ago=days)
        rare = self._create_customer("Rare buyer")
        for days in (200, 100, 20):
            self._create_order(rare, days_ago=days)
        self._advance()
        self.assertEqual(self._get_runs(journey).partner_id, self.customer)

    def test_win_back_calls_who_looks_again(self):
        self._allow(self.customer)
        journey = self._use("winback")
        journey.start_date -= timedelta(days=9)
        self._create_order(days_ago=180)
        self._advance()
        run = self._get_runs(journey).filtered(
            lambda run: run.partner_id == self.customer
        )
        self.assertPath(run, [("We miss you", "next")])
        mailing = run.trace_ids.step_id.mailing_id
        trace = mailing.mailing_trace_ids.filtered(
            lambda trace: trace.email == self.customer.email_normalized
        )
        trace.set_sent()
        trace.set_opened()
        trace.set_clicked()
        self._advance()
        self.assertEqual(
            self.customer.activity_ids.summary,
            "Was away for half a year and looks again: call",
        )

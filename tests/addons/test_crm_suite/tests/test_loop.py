import re
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlparse

from lxml import html

from odoo import Command
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import MockEmail

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase

ANSWER = "We are sorry: new lamps leave our house today."


@tagged("post_install", "-at_install")
class TestLoop(LifecycleCase, MockEmail, HttpCase):
    """One customer's way round the loop, by the doors that people use.

    Facts are made by business methods, jobs run as scheduled actions, the customer
    comes by e-mail and HTTP: no result is written by the test.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Other customers' data must not decide who is best.
        cls.customer.write({"name": "Loop Ltd", "email": "buyer@loop.example.com"})
        cls.silent = cls._create_customer("Silent Ltd")
        cls.env["crm.territory"].create(
            {
                "name": "Everywhere",
                "country_ids": [Command.set(cls.env["res.country"].search([]).ids)],
                "user_ids": [Command.set(cls.env.ref("base.user_admin").ids)],
            }
        )
        cls.customer.country_id = cls.env.ref("base.de")
        cls.customer.user_id = cls.env.ref("base.user_admin")
        cls.alias_domain = cls.env["mail.alias.domain"].create(
            {"name": "loop.example.org"}
        )
        cls.env.company.alias_domain_id = cls.alias_domain
        cls.env["crm.case.team"].search([]).alias_id.alias_domain_id = cls.alias_domain

    def test_loop(self):
        self._buy()
        self._learn()
        self._win_by_campaign()
        self._complain()
        self._answer_survey()
        self._learn()
        self._look()

    # ------------------------------------------------------------
    # Stations
    # ------------------------------------------------------------

    def _buy(self):
        """Orders of the past, an invoice paid, a return credited, a tier reached."""
        self._join_the_club()
        for days_ago in (300, 120, 40):
            self._create_order(amount=300, days_ago=days_ago)
            self._create_order(self.silent, amount=200, days_ago=days_ago)
        invoice = self._invoice(self._create_order(amount=200, days_ago=10), paid=True)
        refund = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        refund.action_post()
        codes = self._get_codes()
        self.assertEqual(codes.count("order_confirmed"), 4)
        for code in ("invoice_posted", "payment_received", "credit_note_posted"):
            self.assertIn(code, codes)
        self.assertEqual(self._get_card().tier_id.name, "Silver", "900 + 200 points")

    def _join_the_club(self):
        setup = self.env["loyalty.program.setup"].create({"name": "Loop Club"})
        setup.action_create_program()
        self.club = self.env["loyalty.program"].search([("name", "=", "Loop Club")])
        others = self.env["loyalty.program"].search([("id", "!=", self.club.id)])
        others.active = False

    def _read_history(self):
        self.event_type.search([]).action_backfill()
        self._run_job("crm_lifecycle.ir_cron_backfill_events")

    def _learn(self):
        """Scheduled actions: history, profiles, analyses, segments."""
        live = self._get_codes()
        self._read_history()
        known = self._get_codes()
        for code in set(live):
            if code != "lead_created":
                self.assertEqual(known.count(code), live.count(code), code)
        self._read_history()
        self.assertEqual(self._get_codes(), known, "history doubles nothing")
        self._run_job("crm_lifecycle.ir_cron_refresh_profiles")
        runs = self.env["crm.analytics.run"].create(
            [{"kind": kind} for kind in ("rfm", "clv", "churn")]
        )
        runs.action_run()
        self._run_job("crm_lifecycle.ir_cron_refresh_segments")
        profile = self._get_profile()
        self.assertEqual(profile.order_count, len(self._get_orders()))
        self.assertTrue(profile.rfm_segment)
        self.assertGreater(profile.clv, 0)
        self.assertIn(profile.churn_risk, ("low", "medium", "high"))

    def _win_by_campaign(self):
        """A mailing to those who agreed, a click, an answer, a lead, an order."""
        self.env["crm.consent"]._record(
            self.customer, "marketing", "email", True, "Counter", "May we write to you?"
        )
        # In this country a yes counts when it is confirmed.
        consent = self.env["crm.consent"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(consent.state, "pending")
        consent._confirm("Link in the confirmation e-mail")
        both = (self.customer + self.silent).ids
        segment = self.env["crm.segment"].create(
            {"name": "Both", "domain": f"[('partner_id', 'in', {both})]"}
        )
        segment.action_refresh()
        self.assertEqual(segment.member_count, 2)
        self.campaign = self.env["utm.campaign"].create(
            {
                "title": "Loop in spring",
                "objective": "cross_sell",
                "budget": 500,
                "segment_ids": [Command.set(segment.ids)],
                "cost_ids": [Command.create({"name": "Photographs", "planned": 100})],
            }
        )
        self._answer_mailing(self._send_mailing())
        lead = self.env["crm.lead"].search([("campaign_id", "=", self.campaign.id)])
        self.assertRecordValues(
            lead,
            [
                {
                    "partner_id": self.customer.id,
                    "user_id": self.env.ref("base.user_admin").id,
                }
            ],
        )
        self.assertTrue(lead.lead_grade, "the lead is scored")
        self.assertTrue(lead.routing_reason, "and says why it was routed so")
        self._win(lead)

    def _send_mailing(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "New in spring",
                "campaign_id": self.campaign.id,
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "body_arch": self._get_body(),
                "body_html": self._get_body(),
            }
        )
        with self.mock_mail_gateway():
            mailing.action_launch()
            self._run_job("mass_mailing.ir_cron_mass_mailing_queue")
            self._run_job("mail.ir_cron_mail_scheduler_action")
            sent = [mail for mail in self._mails if mail["subject"] == "New in spring"]
        receivers = [address for mail in sent for address in mail["email_to"]]
        self.assertEqual(len(receivers), 1, "only who agreed is written to")
        self.assertIn(self.customer.email, receivers[0])
        return sent[0]["body"]

    def _get_body(self):
        return f'<p>Hello, <a href="{self.campaign.response_url}">tell us</a></p>'

    def _answer_mailing(self, body):
        """Follow the tracked link as the customer and fill in the page."""
        self.authenticate(None, None)
        [link] = [a for a in html.fromstring(body).iter("a") if a.text == "tell us"]
        path = urlparse(link.get("href")).path
        self.assertRegex(path, r"^/r/\w+/m/\d+$", "the link is a tracked one")
        page = self.url_open(path)
        self.assertEqual(page.status_code, 200)
        self.assertIn("utm_campaign", page.url)
        form_path = urlparse(page.url).path
        values = {
            "csrf_token": Request.csrf_token(self),
            "name": "Lou Loop",
            "email": self.customer.email,
            "message": "Please make me an offer",
        }
        thanks = self.url_open(f"{form_path}?{urlparse(page.url).query}", data=values)
        self.assertIn("Thank you", thanks.text)
        self.assertNotIn("mailing_clicked", self._get_codes(), "a scanner, perhaps")
        clicks = "UPDATE link_tracker_click SET create_date = create_date - %s"
        self.env.cr.execute(clicks, [timedelta(minutes=1)])
        self._run_job("crm_lifecycle.ir_cron_judge_clicks")
        codes = self._get_codes()
        self.assertIn("mailing_sent", codes)
        self.assertIn("mailing_clicked", codes)

    def _win(self, lead):
        if lead.type == "lead":
            lead.convert_opportunity(lead.partner_id)
        context = {
            name: value
            for name, value in lead.action_new_quotation()["context"].items()
            if name.startswith("default_")
        }
        order = (
            self.env["sale.order"]
            .with_context(**context)
            .create(
                {
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "price_unit": 4500,
                                "tax_ids": False,
                            }
                        )
                    ]
                }
            )
        )
        order.action_confirm()
        lead.action_set_won_rainbowman()
        self.assertEqual(order.campaign_id, self.campaign)
        self.assertEqual(lead.won_status, "won")
        self.assertEqual(
            self._get_card().tier_id.name, "Gold", "the order crosses a tier"
        )
        self.assertEqual(
            sum(self._get_card().entry_ids.mapped("points")),
            self._get_card().points,
        )
        self.order = order

    def _complain(self):
        """A complaint by e-mail: routed, with a deadline, answered, solved."""
        message = EmailMessage()
        message["From"] = f"Lou Loop <{self.customer.email}>"
        message["To"] = f"complaints@{self.alias_domain.name}"
        message["Subject"] = "Broken lamps"
        message["Message-ID"] = "<broken-lamps@loop.example.com>"
        message.set_content("Half of the lamps arrived broken.")
        with self.mock_mail_gateway():
            case_id = self.env["mail.thread"].message_process(
                False, message.as_string()
            )
            self._run_job("mail.ir_cron_mail_scheduler_action")
            acknowledged = [mail["email_to"] for mail in self._mails]
        self.case = self.env["crm.case"].browse(case_id)
        self.assertTrue(acknowledged, "the customer hears that it arrived")
        self.assertRecordValues(
            self.case, [{"case_type": "complaint", "partner_id": self.customer.id}]
        )
        self.assertTrue(self.case.team_id and self.case.user_id, "routed")
        self.assertTrue(self.case.date_due, "with a deadline")
        self.case.action_start()
        self.case.message_post(
            body=ANSWER,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.customer.ids,
        )
        self.case.write(
            {
                "root_cause_id": self.env.ref("crm_feedback.crm_root_cause_carrier").id,
                "resolution_id": self.env.ref(
                    "crm_feedback.crm_case_resolution_replacement"
                ).id,
                "sale_order_id": self.order.id,
            }
        )

    def _answer_survey(self):
        """Solving asks for an opinion; a bad one opens a follow-up."""
        with self.mock_mail_gateway():
            self.case.action_solve()
            self._run_job("mail.ir_cron_mail_scheduler_action")
            bodies = [
                mail["body"] for mail in self._mails if "/survey/" in mail["body"]
            ]
        self.assertEqual(self.case.stage_kind, "solved")
        self.assertEqual(len(bodies), 1, "the customer is asked once")
        [path] = set(
            re.findall(r"/survey/start/([\w-]+\?answer_token=[\w-]+)", bodies[0])
        )
        survey_token, answer_token = path.split("?answer_token=")
        self.authenticate(None, None)
        page = self.url_open(f"/survey/start/{path}")
        self.assertEqual(page.status_code, 200)
        begun = self.make_jsonrpc_request(
            f"/survey/begin/{survey_token}/{answer_token}"
        )
        questions = html.fragment_fromstring(begun[1]["survey_content"], True)
        [score] = set(questions.xpath("//input[@type='radio']/@name"))
        self.make_jsonrpc_request(
            f"/survey/submit/{survey_token}/{answer_token}", {score: "2"}
        )
        feedback = self.env["crm.feedback"].search([("case_id", "=", self.case.id)])
        self.assertRecordValues(feedback, [{"score": 2, "category": "detractor"}])
        self.assertTrue(feedback.follow_up_ids.user_id, "somebody is to call")

    def _look(self):
        """Everything stands on the profile, on its timeline and on the dashboard."""
        profile = self._get_profile()
        self.assertEqual(profile.loyalty_tier_id.name, "Gold")
        self.assertEqual(profile.nps_category, "detractor")
        view = self.profile.get_customer_360(profile.id)
        tiles = {tile["key"] for tile in view["tiles"]}
        self.assertLessEqual({"revenue", "rfm", "clv", "churn"}, tiles)
        self.assertGreaterEqual(len(tiles), 8, "loyalty and service add theirs")
        labels = {event["label"] for event in self._read_timeline(profile)}
        expected = {
            "Order confirmed", "Payment received", "Credit note posted",
            "Mailing delivered", "Mailing clicked", "Lead created", "Lead won",
            "Consent given", "Segment entered",
        }  # fmt: skip
        self.assertLessEqual(expected, labels)
        categories = {category["key"] for category in view["categories"]}
        self.assertLessEqual({"service", "feedback", "loyalty"}, categories)
        dashboard = self.env["crm.dashboard"].get_dashboard()
        [best] = [t for t in dashboard["tiles"] if t["key"] == "customers"]
        self.assertGreaterEqual(int(best["value"].replace(",", "")), 2)
        self.start_tour(
            f"/odoo/customer-360/{profile.id}", "test_crm_suite_loop", login="admin"
        )

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    def _run_job(self, xmlid):
        self.env.ref(xmlid).method_direct_trigger()
        self.env.invalidate_all()

    def _get_codes(self):
        events = self.event.search([("partner_id", "=", self.customer.id)], order="id")
        return [event.type_id.code for event in events]

    def _get_orders(self):
        return self.env["sale.order"].search(
            [("partner_id", "child_of", self.customer.id), ("state", "=", "sale")]
        )

    def _get_card(self):
        return self.env["loyalty.card"].search(
            [("partner_id", "=", self.customer.id), ("program_id", "=", self.club.id)]
        )

    def _read_timeline(self, profile):
        page = self.profile.get_timeline(profile.id)
        events = page["events"]
        while page["before"]:
            page = self.profile.get_timeline(profile.id, before=page["before"])
            events += page["events"]
        return events

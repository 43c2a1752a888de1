from datetime import datetime, timedelta

from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..contact_reasons.question import Question
from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestCrmContactPolicy(CampaignCase):
    """How often and when: what every sender is told, and what becomes of the held."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policies = cls.env["crm.contact.policy"]
        cls.holds = cls.env["crm.contact.hold"]
        cls.policies.search([]).active = False
        cls.one = cls.members[0]

    def _ask(self, partners=None, purpose="marketing", channel="email", **values):
        return self.policies._ask(partners or self.one, purpose, channel, **values)

    def _create_policy(self, **values):
        return self.policies.create({"name": "Tested", **values})

    def _set_wish(self, partner, purpose=False, **values):
        return self.env["crm.consent.preference"].create(
            {
                "partner_id": partner.id,
                "purpose_id": purpose and self.env.ref(f"crm_lifecycle.{purpose}").id,
                **values,
            }
        )

    def _at(self, *moment):
        self.env.cr._now = datetime(*moment)
        self.addCleanup(setattr, self.env.cr, "_now", None)

    def _send(self, *mailings):
        """Send one after the other, as the scheduled action does."""
        queue = self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")
        for mailing in mailings:
            mailing.action_put_in_queue()
            with self.enter_registry_test_mode():
                queue.method_direct_trigger()
        self.env.invalidate_all()

    def _get_sent(self, mailing):
        traces = mailing.mailing_trace_ids.filtered(
            lambda trace: trace.trace_status not in ("cancel", "error")
        )
        return self.members.browse(traces.mapped("res_id"))

    # ------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------

    def test_each_reason_is_told(self):
        no_yes, refused, blocked, paused, fine = self.members[:5]
        self.env["crm.consent"].search([("partner_id", "=", no_yes.id)]).unlink()
        self._decide(refused, granted=False)
        self.env["mail.blacklist"]._add(blocked.email)
        self._decide(blocked, granted=True)
        today = fields.Date.today()
        self._set_wish(paused, pause_start=today, pause_end=today)
        answer = self._ask(self.members[:5])
        self.assertEqual(answer.allowed, fine)
        self.assertEqual(
            answer.held,
            {
                no_yes.id: "no_consent",
                refused.id: "refused",
                blocked.id: "blacklist",
                paused.id: "paused",
            },
        )

    def test_contract_messages_always_go(self):
        self._create_policy(cap=1, quiet_from=0, quiet_to=23)
        self._set_wish(self.one, pause_start="2020-01-01", pause_end="2099-01-01")
        self.assertTrue(self._ask(purpose="service").allowed)
        self.assertFalse(self._ask().allowed)

    def test_a_yes_ends_with_its_validity(self):
        purpose = self.env.ref("crm_lifecycle.crm_consent_purpose_marketing")
        purpose.validity_months = 12
        self._decide(self.one, granted=True)
        self.assertTrue(self._ask().allowed)
        self.env["crm.consent"].search([("partner_id", "=", self.one.id)]).date_end = (
            fields.Datetime.now() - timedelta(days=1)
        )
        self.assertEqual(self._ask().held, {self.one.id: "expired"})

    def test_quiet_hours_where_the_contact_lives(self):
        self._create_policy(quiet_from=21, quiet_to=8)
        self.one.tz, other = "Asia/Tokyo", self.members[1]
        other.tz = "America/New_York"
        self._at(2026, 5, 5, 14, 0)  # 23:00 in Tokyo, 10:00 in New York
        answer = self._ask(self.one | other)
        self.assertEqual(answer.allowed, other)
        self.assertEqual(answer.held, {self.one.id: "quiet"})
        self._at(2026, 5, 6, 0, 0)  # 9:00 in Tokyo, 20:00 in New York
        self.assertEqual(self._ask(self.one | other).allowed, self.one | other)

    def test_overdue_invoices_hold_promotion(self):
        self._create_policy(hold_overdue=True)
        order = self._create_order(self.one)
        invoice = self._invoice(order)
        invoice.invoice_date_due = fields.Date.today() - timedelta(days=30)
        self.profile._refresh(self.one)
        self.assertEqual(self._ask().held, {self.one.id: "overdue"})
        self.assertTrue(self._ask(purpose="survey").allowed)

    def test_the_frequency_the_customer_chose(self):
        self._set_wish(
            self.one, purpose="crm_consent_purpose_marketing", frequency="month"
        )
        first, second = self._create_mailing(), self._create_mailing(subject="Two")
        self._send(first, second)
        self.assertIn(self.one, self._get_sent(first))
        self.assertNotIn(self.one, self._get_sent(second))
        hold = self.holds.search([("partner_id", "=", self.one.id)])
        self.assertEqual((hold.reason, hold.state), ("frequency", "waiting"))

    # ------------------------------------------------------------
    # Caps and holds
    # ------------------------------------------------------------

    def test_cap_over_all_senders_by_priority(self):
        """Two a week: of three campaigns, a loyalty mail and a survey two go."""
        self._create_policy(cap=2, period_days=7)
        self.env["crm.consent"]._record(
            self.one, "survey", "email", True, "Counter", "Surveys"
        )
        campaigns = [self._create_mailing(subject=f"C{n}") for n in range(3)]
        questions = [
            *(
                Question(self.one, "marketing", "email", "mailing", m)
                for m in campaigns
            ),
            Question(self.one, "loyalty", "email", "loyalty"),
            Question(self.one, "survey", "email", "survey"),
        ]
        answers = self.policies._ask_batch(questions)
        self.assertEqual(
            [bool(answer.allowed) for answer in answers],
            [False, False, False, True, True],
        )
        holds = self.holds.search([("partner_id", "=", self.one.id)])
        self.assertEqual(holds.mapped("reason"), ["cap"] * 3)
        self.assertEqual(
            {hold.display_name for hold in holds},
            {f"{self.one.display_name}: Enough messages of late"},
        )

    def test_what_was_held_goes_when_there_is_room(self):
        self._create_policy(cap=1, period_days=7)
        first, second = self._create_mailing(), self._create_mailing(subject="Two")
        self._send(first, second)
        self.assertEqual(self._get_sent(first), self.members)
        self.assertFalse(self._get_sent(second))
        self.assertEqual(second.held_count, len(self.members))
        self.env["mailing.trace"].search([]).sudo().write(
            {"trace_status": "sent", "sent_datetime": fields.Datetime.now()}
        )
        self.event.flush_model()
        past = fields.Datetime.now() - timedelta(days=8)
        self.env.cr.execute("UPDATE crm_customer_event SET date = %s", [past])
        self.holds.search([]).date_until = fields.Datetime.now() - timedelta(hours=1)
        with self.enter_registry_test_mode():
            self.env.ref("crm_lifecycle.ir_cron_release_holds").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._get_sent(second), self.members)
        self.assertEqual(second.held_count, 0)

    def test_what_waited_too_long_is_dropped(self):
        self._create_policy(cap=1)
        self._send(self._create_mailing(), self._create_mailing(subject="Two"))
        self.holds.search([]).date = fields.Datetime.now() - timedelta(days=60)
        self.holds._drop_outdated()
        self.assertEqual(set(self.holds.search([]).mapped("state")), {"dropped"})

    def test_who_may_release(self):
        self._create_policy(cap=1)
        self._send(self._create_mailing(), self._create_mailing(subject="Two"))
        hold = self.holds.search([("state", "=", "waiting")], limit=1)
        with self.assertRaises(AccessError):
            hold.with_user(self.user).action_release()
        hold.with_user(self.manager).action_release()

    def test_senseless_policies_are_refused(self):
        for values in ({"period_days": 0}, {"cap": -1}, {"quiet_from": 25}):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self._create_policy(**values)

    def test_other_companies_do_not_see_the_held(self):
        self._create_policy(cap=1)
        self.members.company_id = self.env.company
        self._send(self._create_mailing(), self._create_mailing(subject="Two"))
        other = self.env["res.company"].create({"name": "Other"})
        self.manager.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        self.assertFalse(self.holds.with_user(self.manager).search([]))

    # ------------------------------------------------------------
    # Every path of a mailing
    # ------------------------------------------------------------

    def test_no_path_of_a_mailing_goes_against_a_no(self):
        """Contacts, leads, list contacts: who said no gets none, whoever writes."""
        self._decide(self.one, granted=False)
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "email_from": self.one.email}
        )
        other_lead = self.env["crm.lead"].create(
            {"name": "Lead 2", "email_from": self.members[1].email}
        )
        mailing_list = self.env["mailing.list"].create({"name": "List"})
        contact, other_contact = self.env["mailing.contact"].create(
            [
                {"name": "No", "email": self.one.email},
                {"name": "Yes", "email": self.members[1].email},
            ]
        )
        (contact | other_contact).list_ids = mailing_list
        purpose = self.env.ref("crm_lifecycle.crm_consent_purpose_marketing")
        for model, records, values in (
            ("res.partner", self.one | self.members[1], {"campaign_id": False}),
            ("crm.lead", lead | other_lead, {}),
            (
                "mailing.list",
                contact | other_contact,
                {"contact_list_ids": [Command.link(mailing_list.id)]},
            ),
        ):
            with self.subTest(model):
                mailing = self._create_mailing(
                    model=model,
                    consent_purpose_id=purpose.id,
                    **{
                        "mailing_domain": f"[('id', 'in', {records.ids})]",
                        **values,
                    },
                )
                if model == "res.partner":
                    mailing.segment_ids = False
                self._send(mailing)
                status = {
                    trace.email: trace.trace_status
                    for trace in mailing.mailing_trace_ids
                }
                self.assertNotIn(
                    status.get(self.one.email, "cancel"),
                    ("sent", "outgoing", "pending"),
                )
                self.assertNotIn(status[self.members[1].email], ("cancel", "error"))

    def test_lists_and_consents_stay_in_step(self):
        newsletter = self.env.ref("crm_lifecycle.crm_consent_purpose_newsletter")
        mailing_list = self.env["mailing.list"].create({"name": "News"})
        self.assertEqual(mailing_list.consent_purpose_id, newsletter)
        contact = self.env["mailing.contact"].create(
            {"name": "One", "email": self.one.email}
        )
        subscription = self.env["mailing.subscription"].create(
            {"contact_id": contact.id, "list_id": mailing_list.id}
        )
        consents = self.env["crm.consent"]
        subscription.opt_out = True
        consent = consents.search(
            [("partner_id", "=", self.one.id), ("purpose_id", "=", newsletter.id)]
        )
        self.assertEqual((consent.granted, consent.source), (False, "Mailing list"))
        unsubscribed = self.event.search(
            [
                ("type_id.code", "=", "mailing_unsubscribed"),
                ("contact_id", "=", self.one.id),
            ]
        )
        self.assertEqual(len(unsubscribed), 1)
        consents._record(self.one, "newsletter", "email", True, "Form", "News")
        self.assertFalse(subscription.opt_out)
        consents._record(self.one, "newsletter", "email", False, "Form", "News")
        self.assertTrue(subscription.opt_out)
        # The other purposes were not spoken of.
        self.assertTrue(self._ask(purpose="marketing").allowed)

    def test_the_blacklist_is_a_no_and_lifted_by_the_contact_only(self):
        self.env["mail.blacklist"]._add(self.one.email)
        self.assertFalse(self._ask().allowed)
        self._decide(self.one, granted=True)
        self.assertEqual(self._ask().held, {self.one.id: "blacklist"})

    def test_a_blocked_number_is_freed_by_the_contact_himself(self):
        self.one.write({"phone": "+32 456 00 11 22"})
        blocked = self.env["phone.blacklist"].add(self.one.phone_sanitized)
        self.assertEqual(
            self._ask(channel="sms").held, {self.one.id: "refused"}, "blocked"
        )
        preferences = self.env["crm.consent.preference"]
        marketing = self.env.ref("crm_lifecycle.crm_consent_purpose_marketing")
        preferences._save_answers(
            self.one, {f"choice_{marketing.id}_sms": "1"}, "portal"
        )
        self.assertFalse(blocked.active)
        self.assertTrue(self._ask(channel="sms").allowed)

    def test_no_more_messages_blocks_the_address_for_stock_too(self):
        preferences = self.env["crm.consent.preference"]
        preferences._save_answers(self.one, {"stop": "1"}, "portal")
        blacklist = self.env["mail.blacklist"]
        domain = [("email", "=", self.one.email_normalized)]
        self.assertTrue(blacklist.search(domain))
        marketing = self.env.ref("crm_lifecycle.crm_consent_purpose_marketing")
        preferences._save_answers(
            self.one, {f"choice_{marketing.id}_email": "1"}, "portal"
        )
        self.assertFalse(blacklist.search(domain))
        self.assertTrue(self._ask().allowed)

    def test_wishes_that_make_no_sense_are_refused(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            self._set_wish(self.one, pause_start="2026-05-05", pause_end="2026-05-01")
        with self.assertRaises(ValidationError):
            self._set_wish(self.one, purpose="crm_consent_purpose_profiling")

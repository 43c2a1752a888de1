from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestMailingPaths(CampaignCase):
    """What holds a contact holds every stock mailing to one of his addresses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.contact.policy"].search([]).active = False
        cls.held, cls.free = cls.members[:2]
        # Nobody among our contacts: not ours to hold.
        cls.unknown = "nobody.we.know@example.com"
        emails = [cls.held.email.upper(), cls.free.email, cls.unknown]
        cls.leads = cls.env["crm.lead"].create(
            [{"name": email, "email_from": email} for email in emails]
        )
        cls.mailing_list = cls.env["mailing.list"].create({"name": "List"})
        cls.contacts = cls.env["mailing.contact"].create(
            [
                {
                    "name": email,
                    "email": email,
                    "list_ids": [Command.link(cls.mailing_list.id)],
                }
                for email in emails
            ]
        )
        cls.orders = cls.env["sale.order"].create(
            [{"partner_id": partner.id} for partner in cls.held | cls.free]
        )

    def _pause(self):
        today = fields.Date.today()
        return self.env["crm.consent.preference"].create(
            {"partner_id": self.held.id, "pause_start": today, "pause_end": today}
        )

    def _create_mailings(self, **values):
        """Return one mailing for each kind of recipients, by name of the model."""
        purpose = self.env.ref("crm_lifecycle.crm_consent_purpose_marketing")
        return {
            model: self._create_mailing(
                model=model,
                subject=f"To {model}",
                **{
                    "campaign_id": False,
                    "consent_purpose_id": purpose.id,
                    **(
                        {"contact_list_ids": [Command.set(self.mailing_list.ids)]}
                        if model == "mailing.list"
                        else {"mailing_domain": repr([("id", "in", records.ids)])}
                    ),
                    **values,
                },
            )
            for model, records in (
                ("res.partner", self.held | self.free),
                ("crm.lead", self.leads),
                ("mailing.contact", self.contacts),
                ("mailing.list", self.contacts),
                ("sale.order", self.orders),
            )
        }

    def _send(self, mailing):
        mailing.action_put_in_queue()
        with self.enter_registry_test_mode():
            queue = self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")
            queue.method_direct_trigger()
        self.env.invalidate_all()

    def _get_addresses(self, mailing):
        """Return the addresses to which the mailing went or is about to go."""
        traces = mailing.mailing_trace_ids.filtered(
            lambda trace: trace.trace_status not in ("cancel", "error")
        )
        return set(traces.mapped("email"))

    def _assert_held_on_each_path(self):
        for model, mailing in self._create_mailings().items():
            with self.subTest(model):
                self._send(mailing)
                addresses = self._get_addresses(mailing)
                self.assertNotIn(self.held.email, addresses)
                self.assertIn(self.free.email, addresses)
                if model in ("crm.lead", "mailing.contact", "mailing.list"):
                    self.assertIn(self.unknown, addresses)

    def test_a_pause_counts_on_each_path(self):
        self._pause()
        self._assert_held_on_each_path()

    def test_a_no_counts_on_each_path(self):
        self._decide(self.held, granted=False)
        self._assert_held_on_each_path()

    def test_a_yes_that_has_expired_counts_on_each_path(self):
        consent = self.env["crm.consent"].search([("partner_id", "=", self.held.id)])
        consent.date_end = fields.Datetime.now() - timedelta(days=1)
        self._assert_held_on_each_path()

    def test_a_yes_to_confirm_counts_on_each_path(self):
        self.held.country_id = self.env.ref("base.de")
        self._decide(self.held, granted=False)
        self._decide(self.held, granted=True)
        self.assertTrue(self.held.crm_consent_ids.pending)
        self._assert_held_on_each_path()

    def test_the_cap_counts_over_all_kinds_of_recipients(self):
        self.env["crm.contact.policy"].create({"name": "One", "cap": 1})
        mailings = self._create_mailings()
        self._send(mailings.pop("res.partner"))
        for model, mailing in mailings.items():
            with self.subTest(model):
                self._send(mailing)
                addresses = self._get_addresses(mailing)
                self.assertFalse(addresses & {self.held.email, self.free.email})

    def test_mails_to_list_contacts_use_up_the_cap(self):
        self.env["crm.contact.policy"].create({"name": "One", "cap": 1})
        mailings = self._create_mailings()
        self._send(mailings["mailing.list"])
        self._send(mailings["res.partner"])
        self.assertFalse(self._get_addresses(mailings["res.partner"]))

    def test_who_never_decided_is_held_all_the_same(self):
        """Without an answer to the purpose, a pause from all messages still counts."""
        self.env["crm.consent"].search([("partner_id", "=", self.held.id)]).unlink()
        self._pause()
        self._assert_held_on_each_path()

    def test_an_archived_contact_is_still_meant(self):
        self._pause()
        self.held.active = False
        mailing = self._create_mailings()["crm.lead"]
        self._send(mailing)
        self.assertNotIn(self.held.email, self._get_addresses(mailing))

    def test_who_waits_has_not_opted_out(self):
        self._pause()
        mailing = self._create_mailings()["crm.lead"]
        self._send(mailing)
        self.assertNotIn(
            "mail_optout", mailing.mailing_trace_ids.mapped("failure_type")
        )

    def test_hand_picked_recipients_are_held_on_each_path(self):
        self._pause()
        for model, records in (
            ("res.partner", self.held | self.free),
            ("crm.lead", self.leads),
        ):
            with self.subTest(model):
                mailing = self._create_mailings()[model]
                mailing.action_send_mail(records.ids)
                addresses = self._get_addresses(mailing)
                self.assertNotIn(self.held.email, addresses)
                self.assertIn(self.free.email, addresses)
                with self.assertRaisesRegex(UserError, "held"):
                    self._create_mailings()[model].action_send_mail(records[0].ids)

    def test_who_was_held_is_listed_and_gets_it_later(self):
        wish = self._pause()
        mailing = self._create_mailings()["crm.lead"]
        self._send(mailing)
        hold = self.env["crm.contact.hold"].search([("partner_id", "=", self.held.id)])
        self.assertRecordValues(
            hold,
            [
                {
                    "reason": "paused",
                    "state": "waiting",
                    "res_model": "mailing.mailing",
                    "res_id": mailing.id,
                    "document_name": mailing.display_name,
                }
            ],
        )
        self.assertEqual(mailing.held_count, 1)
        wish.unlink()
        hold.action_release()
        self.env.invalidate_all()
        self.assertEqual(hold.state, "released")
        self.assertIn(self.held.email, self._get_addresses(mailing))
        self.assertEqual(len(mailing.mailing_trace_ids), 3)

    def test_messages_of_a_contract_go_on_each_path(self):
        self._pause()
        self._decide(self.held, granted=False)
        service = self.env.ref("crm_lifecycle.crm_consent_purpose_service")
        for model, mailing in self._create_mailings(
            consent_purpose_id=service.id
        ).items():
            with self.subTest(model):
                self._send(mailing)
                self.assertIn(self.held.email, self._get_addresses(mailing))

    def test_documents_go_whatever_was_said(self):
        """The invoice is no marketing: it is sent as stock sends it."""
        self._pause()
        self._decide(self.held, granted=False)
        invoice = self._invoice(self._create_order(self.held))
        wizard = self.env["account.move.send.wizard"].create({"move_id": invoice.id})
        wizard.sending_methods = ["email"]
        wizard.action_send_and_print()
        sent = invoice.message_ids.filtered(lambda m: self.held in m.partner_ids)
        self.assertTrue(sent)

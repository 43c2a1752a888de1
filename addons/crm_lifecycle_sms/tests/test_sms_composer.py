from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestSmsComposer(LifecycleCase):
    """No text message of a mailing goes against what the customer decided."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.phone = "+32 470 12 34 56"
        cls.other = cls._create_customer("Bob Ltd", phone="+32 470 65 43 21")
        cls.leads = cls.env["crm.lead"].create(
            [
                {"name": partner.name, "phone": partner.phone}
                for partner in (cls.customer, cls.other)
            ]
        )

    def _decide(self, partner, granted):
        self.env["crm.consent"]._record(
            partner, "marketing", "sms", granted, "Counter", "Offers by SMS"
        )

    def _send(self, records):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Offer",
                "mailing_type": "sms",
                "body_plaintext": "Only today",
                "mailing_model_id": self.env["ir.model"]._get_id(records._name),
                "mailing_domain": f"[('id', 'in', {records.ids})]",
            }
        )
        mailing.action_put_in_queue()
        mailing.action_send_sms()
        return {
            trace.sms_number: trace.trace_status for trace in mailing.mailing_trace_ids
        }

    def test_who_said_no_gets_none_whatever_the_recipients_are(self):
        self._decide(self.customer, granted=False)
        for records in (self.customer | self.other, self.leads):
            with self.subTest(records._name):
                status = self._send(records)
                self.assertEqual(status["+32470123456"], "cancel")
                self.assertEqual(status["+32470654321"], "outgoing")

    def test_a_blocked_number_is_a_no(self):
        self.env["phone.blacklist"].add(self.customer.phone_sanitized)
        consent = self.env["crm.consent"].search(
            [("partner_id", "=", self.customer.id), ("channel", "=", "sms")]
        )
        self.assertEqual(set(consent.mapped("granted")), {False})
        self.assertEqual(self._send(self.leads)["+32470123456"], "cancel")

    def test_a_pause_puts_text_messages_off(self):
        self.env["crm.consent.preference"].create(
            {"partner_id": self.customer.id, "pause_end": "2099-01-01"}
        )
        for records in (self.customer | self.other, self.leads):
            with self.subTest(records._name):
                self.assertEqual(set(self._send(records)), {"+32470654321"})
        hold = self.env["crm.contact.hold"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(set(hold.mapped("channel")), {"sms"})

    def test_quiet_hours_put_text_messages_off(self):
        self.env["crm.contact.policy"].create(
            {"name": "Night", "channel": "sms", "quiet_from": 0, "quiet_to": 23.99}
        )
        self.assertFalse(self._send(self.leads))

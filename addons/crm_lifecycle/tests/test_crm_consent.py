from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmConsent(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.consent = cls.env["crm.consent"]
        cls.other = cls._create_customer("Bob Ltd")
        cls.both = cls.customer + cls.other

    def _record(self, partners, granted, purpose="marketing", channel="email"):
        self.consent._record(
            partners, purpose, channel, granted, "Counter", "May we write to you?"
        )

    def test_without_a_yes_there_is_no_marketing(self):
        self.assertFalse(self.consent._filter_allowed(self.both, "marketing"))
        self._record(self.customer, True)
        self.assertEqual(
            self.consent._filter_allowed(self.both, "marketing"), self.customer
        )

    def test_a_yes_is_for_one_channel(self):
        self._record(self.customer, True)
        self.assertFalse(self.consent._filter_allowed(self.both, "marketing", "sms"))

    def test_withdrawing_counts_at_once(self):
        self._record(self.customer, True)
        self._record(self.customer, False)
        self.assertFalse(self.consent._filter_allowed(self.both, "marketing"))

    def test_surveys_go_to_all_but_those_who_said_no(self):
        self._record(self.other, False, purpose="survey")
        self.assertEqual(
            self.consent._filter_allowed(self.both, "survey"), self.customer
        )

    def test_contract_messages_always_go(self):
        self._record(self.both, False, purpose="service")
        self.assertEqual(self.consent._filter_allowed(self.both, "service"), self.both)

    def test_gate_answers_the_same_whoever_asks(self):
        self._record(self.customer, True)
        outsider = self.env.ref("base.public_user")
        allowed = self.consent.with_user(outsider)._filter_allowed(
            self.both.with_user(outsider), "marketing"
        )
        self.assertEqual(allowed.ids, self.customer.ids)

    def test_each_decision_is_proven_and_an_event(self):
        self._record(self.customer, True)
        self._record(self.customer, False)
        log = self.env["crm.consent.log"].search(
            [("partner_id", "=", self.customer.id)], order="id"
        )
        self.assertRecordValues(
            log,
            [
                {
                    "granted": True,
                    "source": "Counter",
                    "wording": "May we write to you?",
                },
                {
                    "granted": False,
                    "source": "Counter",
                    "wording": "May we write to you?",
                },
            ],
        )
        self.assertEvents(self.customer, ["consent_given", "consent_withdrawn"])

    def test_a_change_in_the_form_is_logged_with_its_user(self):
        self._record(self.customer, True)
        consent = self.consent.search([("partner_id", "=", self.customer.id)])
        consent.with_user(self.user).granted = False
        log = self.env["crm.consent.log"].search(
            [("partner_id", "=", self.customer.id)], limit=1
        )
        self.assertFalse(log.granted)
        self.assertEqual(log.user_id, self.user)

    def test_proof_cannot_be_changed_or_deleted(self):
        self._record(self.customer, True)
        log = self.env["crm.consent.log"].search(
            [("partner_id", "=", self.customer.id)]
        )
        with self.assertRaises(UserError):
            log.granted = False
        with self.assertRaises(UserError):
            log.unlink()

    def test_proof_outlives_the_wish_to_delete_the_contact(self):
        self._record(self.customer, True)
        with self.assertRaisesRegex(UserError, "proof"):
            self.customer.with_user(self.env.ref("base.user_admin")).unlink()
        self.assertTrue(
            self.env["crm.consent.log"].search([("partner_id", "=", self.customer.id)])
        )
        self.other.unlink()
        self.assertFalse(self.other.exists(), "who never decided may be deleted")

    def test_proof_cannot_be_written_by_hand(self):
        purpose = self.env.ref("crm_lifecycle.crm_consent_purpose_marketing")
        for user in (self.user, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["crm.consent.log"].with_user(user).create(
                    {
                        "partner_id": self.customer.id,
                        "purpose_id": purpose.id,
                        "channel": "email",
                        "granted": True,
                        "date": "2020-01-01",
                    }
                )

    def test_a_decision_cannot_be_deleted_by_its_users(self):
        self._record(self.customer, False, purpose="survey")
        consent = self.consent.search([("partner_id", "=", self.customer.id)])
        for user in (self.user, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                consent.with_user(user).unlink()

    def test_unknown_purpose_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "gossip"):
            self.consent._filter_allowed(self.both, "gossip")

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmIdentityMatch(LifecycleCase):
    """Who is meant, and what a manager does where it is doubtful."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.be")
        cls.source = cls.env["crm.outside.source"].create(
            {
                "name": "Call centre",
                "user_id": new_test_user(cls.env, "call_centre").id,
            }
        )
        cls.matches = cls.env["crm.identity.match"]

    def _receive(self, key="1", **values):
        event = {"key": key, "type": "outside_call", **values}
        [result] = self.env["crm.outside.event"]._receive(self.source, [event])
        return result["status"]

    def _get_match(self):
        return self.matches.search([("source_id", "=", self.source.id)])

    def test_a_phone_number_counts_however_it_is_written(self):
        self.customer.phone = "+32 470 12 34 56"
        self.assertEqual(self._receive(phone="0470/12.34.56"), "created")
        self.assertEvents(self.customer, ["outside_call"])

    def test_a_vat_number_counts_however_it_is_written(self):
        self.customer.vat = "BE0477472701"
        self.assertEqual(self._receive(vat="be 0477.472.701"), "created")

    def test_a_shared_phone_is_no_doubt_if_the_email_is_not_shared(self):
        neighbour = self._create_customer("Bob Ltd", phone="+32470123456")
        self.customer.phone = neighbour.phone
        status = self._receive(phone="+32470123456", email="ada@example.com")
        self.assertEqual(status, "created")
        self.assertEvents(self.customer, ["outside_call"])
        self.assertEvents(neighbour, [])

    def test_contacts_of_one_company_are_no_doubt(self):
        person = self._create_customer(
            "Eve", parent_id=self.customer.id, is_company=False, email="eve@example.com"
        )
        self._receive(email="eve@example.com")
        event = self.assertEvents(self.customer, ["outside_call"])
        self.assertEqual(event.contact_id, person)

    def test_a_doubt_waits_until_a_manager_decides(self):
        twin = self._create_customer("Ada twin")
        twin.email = self.customer.email
        self.assertEqual(self._receive("1", email="ada@example.com"), "review")
        self.assertEqual(self._receive("2", email="ada@example.com"), "review")
        match = self._get_match()
        self.assertEqual((match.doubt, match.event_count), ("several", 2))
        self.assertEqual(match.candidate_ids.partner_id, self.customer | twin)
        candidate = match.candidate_ids.filtered(lambda c: c.partner_id == twin)
        candidate.with_user(self.manager).action_choose()
        self.assertEvents(twin, ["outside_call"] * 2)
        self.assertEqual(match.state, "done")
        # Remembered: no second decision.
        self.assertEqual(self._receive("3", email="ada@example.com"), "created")
        self.assertEvents(twin, ["outside_call"] * 3)

    def test_contradictory_identifiers_are_reviewed(self):
        other = self._create_customer("Bob Ltd")
        self._receive(email="ada@example.com", phone="")
        other.phone = "+32470123456"
        self.assertEqual(
            self._receive("2", email="ada@example.com", phone="+32470123456"), "review"
        )
        self.assertEqual(self._get_match().doubt, "conflict")

    def test_a_phone_number_is_enough_where_the_source_says_so(self):
        self.customer.phone = "+32470123456"
        person = {"phone": "+32470123456", "email": "nobody@example.com"}
        self.assertEqual(self._receive("1", **person), "review")
        match = self._get_match()
        self.assertEqual(match.doubt, "weak")
        self.assertEqual(match.candidate_ids.partner_id, self.customer)
        self.source.phone_trust = "never"
        self.assertEqual(self._receive("2", phone="+32470123456"), "review")
        self.source.phone_trust = "always"
        self.assertEqual(self._receive("3", **person), "created")
        self.assertEqual(self._receive("4", phone="+32470123456"), "created")
        self.assertEvents(self.customer, ["outside_call"] * 4)

    def test_a_choice_not_confirmed_decides_nothing(self):
        self._receive("1", email="nobody@example.com")
        self._get_match().partner_id = self.customer
        self.assertEqual(self._receive("2", email="nobody@example.com"), "review")
        self.assertEvents(self.customer, [])

    def test_merging_the_candidates_lets_the_events_flow(self):
        twin = self._create_customer("Ada twin")
        self.assertEqual(self._receive(email="ada@example.com"), "review")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [self.customer.id, twin.id], self.customer
        )
        self.assertEqual(self._get_match().state, "done")
        self.assertEvents(self.customer, ["outside_call"])

    def test_a_decision_can_be_undone(self):
        self._receive(email="nobody@example.com")
        match = self._get_match()
        match.partner_id = self.customer
        match.with_user(self.manager).action_attach()
        self.assertEvents(self.customer, ["outside_call"])
        match.with_user(self.manager).action_reopen()
        self.assertEvents(self.customer, [])
        self.assertEqual(match.state, "open")

    def test_a_decision_needs_a_contact_and_is_made_once(self):
        self._receive(email="nobody@example.com")
        match = self._get_match().with_user(self.manager)
        with self.assertRaises(UserError):
            match.action_attach()
        match.action_create_contact()
        self.assertEqual(match.partner_id.email, "nobody@example.com")
        self.assertEvents(match.partner_id, ["outside_call"])
        with self.assertRaises(UserError):
            match.action_create_contact()

    def test_what_has_become_clear_leaves_the_list(self):
        self._receive(email="late@example.com")
        partner = self._create_customer("Late Ltd")
        self._get_match().action_look_again()
        self.assertEqual(self._get_match().state, "done")
        self.assertEvents(partner, ["outside_call"])

    def test_users_decide_nothing(self):
        self._receive(email="nobody@example.com")
        with self.assertRaises(AccessError):
            self._get_match().with_user(self.user).action_ignore()

    def test_records_of_another_company_are_not_seen(self):
        self._receive(email="nobody@example.com")
        self._receive("2", email="ada@example.com", reference="77")
        other = self.env["res.company"].create({"name": "Other"})
        self.manager.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        for name in (
            "crm.outside.source",
            "crm.outside.request",
            "crm.outside.reference",
            "crm.outside.event",
            "crm.identity.match",
            "crm.identity.candidate",
        ):
            with self.subTest(model=name):
                records = self.env[name].with_user(self.manager)
                self.assertFalse(records.search([("id", ">", 0)]))

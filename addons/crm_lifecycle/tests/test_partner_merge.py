from datetime import timedelta

from odoo.tests import tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestPartnerMerge(LifecycleCase):
    """After a merge of contacts everything that was known is known of the one left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls._create_customer("Ada twin")
        cls.third = cls._create_customer("Ada third")
        cls.all = cls.customer | cls.twin | cls.third
        cls.purpose = cls.env.ref("crm_lifecycle.crm_consent_purpose_marketing")

    def _merge(self, *partners, into=None):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        into = into or self.customer
        wizard._merge([into.id, *(partner.id for partner in partners)], into)

    def test_events_and_figures_add_up(self):
        for number, partner in enumerate(self.all, 1):
            self._create_order(partner, amount=100 * number, days_ago=number)
        self._run_pipeline()
        before = self.event.search_count([("partner_id", "in", self.all.ids)])
        self._merge(self.twin, self.third)
        profile = self._get_profile()
        self.assertRecordValues(profile, [{"order_count": 3, "revenue": 600}])
        events = self.event.search([("partner_id", "=", self.customer.id)])
        moves = events.filtered(lambda event: event.type_id.code == "stage_changed")
        self.assertEqual(len(events - moves), before)
        self.assertEqual(events.contact_id, self.customer)
        timeline = profile.get_timeline(profile.id)["events"]
        self.assertEqual(len(timeline), len(events))
        stay = profile.stage_ids.filtered(lambda stay: not stay.date_left)
        self.assertEqual(stay.stage, profile.lifecycle_stage, "in one stage only")

    def test_memberships_are_united(self):
        segment = self.env["crm.segment"].create({"name": "Guests", "kind": "static"})
        other = self.env["crm.segment"].create({"name": "Others", "kind": "static"})
        early = self.env.cr.now() - timedelta(days=30)
        members = self.env["crm.segment.member"]
        members.create(
            [
                {"segment_id": segment.id, "partner_id": self.customer.id},
                {
                    "segment_id": segment.id,
                    "partner_id": self.twin.id,
                    "date_entered": early,
                },
                {"segment_id": other.id, "partner_id": self.third.id},
            ]
        )
        history = members.create({"segment_id": other.id, "partner_id": self.twin.id})
        history.action_leave()
        self._merge(self.twin, self.third)
        current = segment.member_ids
        self.assertRecordValues(
            current, [{"partner_id": self.customer.id, "date_entered": early}]
        )
        self.assertEqual(other.member_ids.partner_id, self.customer)
        self.assertEqual(history.partner_id, self.customer)

    def test_the_last_word_on_consent_counts_and_the_proof_is_kept(self):
        consents = self.env["crm.consent"]
        consents._record(self.customer, "marketing", "email", True, "Form", "Yes")
        consents.search([("partner_id", "=", self.customer.id)]).date -= timedelta(1)
        consents._record(self.twin, "marketing", "email", False, "Letter", "No")
        consents._record(self.third, "marketing", "sms", True, "Form", "Yes")
        logs = self.env["crm.consent.log"].search_count(
            [("partner_id", "in", self.all.ids)]
        )
        self._merge(self.twin, self.third)
        decisions = consents.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(
            {(c.channel, c.granted) for c in decisions},
            {("email", False), ("sms", True)},
        )
        kept = self.env["crm.consent.log"].search_count(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(kept, logs)

    def test_people_of_a_merged_company_follow(self):
        person = self._create_customer(
            "Eve", parent_id=self.twin.id, is_company=False, email="eve@example.com"
        )
        self._create_order(person, amount=50)
        self._create_order(self.customer, amount=70)
        self._merge(self.twin)
        self.assertEqual(person.commercial_partner_id, self.customer)
        self.assertRecordValues(
            self._get_profile(), [{"order_count": 2, "revenue": 120}]
        )
        event = self.event.search([("contact_id", "=", person.id)])
        self.assertEqual(event.partner_id, self.customer)

    def test_identities_follow(self):
        source = self.env["crm.outside.source"].create(
            {"name": "Shop", "user_id": self.user.id}
        )
        references = self.env["crm.outside.reference"]
        references._learn(source, {"1": self.customer.id, "2": self.twin.id})
        self._merge(self.twin)
        learned = references.search([("source_id", "=", source.id)])
        self.assertEqual(learned.partner_id, self.customer)
        self.assertEqual(len(learned), 2)

    def test_who_joins_a_company_brings_his_history(self):
        self._create_order(self.twin, amount=80)
        self._run_pipeline()
        self.twin.write({"is_company": False, "parent_id": self.customer.id})
        self._run_pipeline()
        self.assertFalse(self.profile.search([("partner_id", "=", self.twin.id)]))
        self.assertRecordValues(self._get_profile(), [{"revenue": 80}])
        events = self.event.search([("partner_id", "=", self.customer.id)])
        self.assertIn("order_confirmed", events.type_id.mapped("code"))
        self.assertFalse(self.event.search([("partner_id", "=", self.twin.id)]))

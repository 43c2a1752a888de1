from odoo.tests import tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerProfileProfiling(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_order()
        cls._run_pipeline()
        cls.buyers = cls.env["crm.segment"].create(
            {"name": "Buyers", "domain": "[('order_count', '>', 0)]"}
        )
        cls.best = cls.env["crm.segment"].create({"name": "Cells", "kind": "formula"})
        cls.hand = cls.env["crm.segment"].create({"name": "Hand", "kind": "static"})
        cls.env["crm.segment.member"].create(
            {"segment_id": cls.hand.id, "partner_id": cls.customer.id}
        )
        cls._run_pipeline()

    def _decide(self, granted, partner=None):
        self.env["crm.consent"]._record(
            partner or self.customer, "profiling", "use", granted, "Test", "Wording"
        )

    def _is_member(self, segment, partner=None):
        return (partner or self.customer) in segment.member_ids.partner_id

    def _create_lead(self, partner):
        return self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": partner.id, "type": "opportunity"}
        )

    def test_an_objection_ends_the_stay_in_segments_by_rule_at_once(self):
        self.assertTrue(self._is_member(self.buyers))
        self.assertTrue(self._is_member(self.best))
        self._decide(False)
        self.assertFalse(self._is_member(self.buyers))
        self.assertFalse(self._is_member(self.best))
        self.assertTrue(self._is_member(self.hand), "chosen by a person")
        self._run_pipeline()
        self.assertFalse(self._is_member(self.buyers))
        self.assertFalse(self._is_member(self.best))

    def test_who_allows_it_again_is_back(self):
        self._decide(False)
        self._decide(True)
        self.assertTrue(self._is_member(self.buyers))
        self.assertTrue(self._is_member(self.best))

    def test_a_service_segment_holds_all(self):
        self.buyers.include_objectors = True
        self._decide(False)
        self.assertTrue(self._is_member(self.buyers))

    def test_who_objects_is_still_kept_out_by_exclusions(self):
        self._decide(False)
        audience = self.env["crm.segment"].create(
            {
                "name": "Audience",
                "kind": "combination",
                "source_segment_ids": [(6, 0, self.hand.ids)],
                "excluded_segment_ids": [(6, 0, self.buyers.ids)],
            }
        )
        self._run_pipeline()
        self.assertFalse(self._is_member(audience))

    def test_leads_lose_and_regain_their_score(self):
        lead = self._create_lead(self.customer)
        self.assertTrue(lead.lead_grade)
        self._decide(False)
        self.assertFalse(lead.lead_grade)
        self.assertFalse(lead.lead_score or lead.score_reasons)
        lead.action_update_score()
        self.assertFalse(lead.lead_grade)
        self.assertFalse(self._create_lead(self.customer).lead_grade)
        self._decide(True)
        self.assertTrue(lead.lead_grade)

    def test_a_person_s_objection_is_not_the_company_s(self):
        person = self.env["res.partner"].create(
            {"name": "Bob", "parent_id": self.customer.id, "type": "contact"}
        )
        lead, other = self._create_lead(person), self._create_lead(self.customer)
        self._decide(False, person)
        self.assertFalse(lead.lead_grade)
        self.assertTrue(other.lead_grade)
        self.assertTrue(self._is_member(self.buyers))

    def test_an_entry_by_hand_counts_as_well(self):
        consent = self.env["crm.consent"].create(
            {
                "partner_id": self.customer.id,
                "purpose_id": self.env.ref(
                    "crm_lifecycle.crm_consent_purpose_profiling"
                ).id,
                "channel": "use",
                "granted": False,
            }
        )
        self.assertFalse(self._is_member(self.buyers))
        consent.granted = True
        self.assertTrue(self._is_member(self.buyers))

    def test_without_the_purpose_everybody_is_profiled(self):
        purpose = self.env.ref("crm_lifecycle.crm_consent_purpose_profiling")
        self._decide(False)
        purpose.active = False
        self.assertFalse(self.profile._filter_profiled(self.customer))
        purpose.code = "something_else"
        self.assertEqual(self.profile._filter_profiled(self.customer), self.customer)

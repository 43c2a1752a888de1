from odoo.tests import Form, new_test_user, tagged

from .segment_case import SegmentCase


@tagged("post_install", "-at_install")
class TestCrmSegmentFilter(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = cls._create_static("Fair", cls.customer)
        cls.mailing_filter = cls.segment.mailing_filter_id

    def _create_mailing(self):
        contacts = self.env["ir.model"]._get_id("res.partner")
        return self.env["mailing.mailing"].create(
            {"subject": "Hello", "mailing_model_id": contacts}
        )

    def test_segment_is_a_favourite_filter_of_mailings(self):
        self.assertEqual(self.mailing_filter.name, "Fair")
        mailing = self._create_mailing()
        with Form(mailing) as form:
            form.mailing_filter_id = self.mailing_filter
        self.assertEqual(mailing._get_recipients(), self.customer.ids)

    def test_a_marketer_who_sees_no_segments_uses_the_filter(self):
        marketer = new_test_user(
            self.env, "marketer", groups="mass_mailing.group_mass_mailing_user"
        )
        partners = self.env["res.partner"].with_user(marketer)
        found = partners.search(self._get_domain())
        self.assertEqual(found, self.customer)

    def _get_domain(self):
        return [("crm_segment_ids", "in", self.segment.ids)]

    def test_filter_keeps_the_segment_s_name(self):
        self.segment.name = "Trade fair"
        self.assertEqual(self.mailing_filter.name, "Trade fair")

    def test_archived_and_deleted_segments_offer_no_filter(self):
        self.segment.active = False
        self.assertFalse(self.mailing_filter.exists())
        self.segment.active = True
        mailing_filter = self.segment.mailing_filter_id
        self.assertTrue(mailing_filter)
        self.segment.unlink()
        self.assertFalse(mailing_filter.exists())

    def test_duplicate_has_a_filter_of_its_own(self):
        duplicate = self.segment.copy()
        self.assertTrue(duplicate.mailing_filter_id)
        self.assertNotEqual(duplicate.mailing_filter_id, self.mailing_filter)

    def test_missing_filters_are_made_by_the_job(self):
        self.mailing_filter.unlink()
        with self.enter_registry_test_mode():
            self.env.ref(
                "crm_lifecycle.ir_cron_refresh_segments"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(self.segment.mailing_filter_id)

    def test_contacts_of_a_member_know_their_segments(self):
        contact = self.env["res.partner"].create(
            {"name": "Ada", "parent_id": self.customer.id}
        )
        self.assertEqual(contact.crm_segment_ids, self.segment)
        self.assertFalse(self.bert.crm_segment_ids)
        self.segment.member_ids.action_leave()
        self.env.invalidate_all()
        self.assertFalse(contact.crm_segment_ids)
        self.assertFalse(self.env["res.partner"].search(self._get_domain()))

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .website_case import WebsiteCase


@tagged("post_install", "-at_install")
class TestWebsiteVisitor(WebsiteCase):
    def setUp(self):
        super().setUp()
        self.visitor = self._create_visitor()
        self._read(self.visitor, self.page, 3)
        self._read(self.visitor, self.other_page, 1)

    def _log_in(self):
        # As stock does at the first login.
        self.visitor.access_token = self.customer.id

    def _assert_favourite(self, page, count):
        self._run_pipeline()
        self.assertRecordValues(
            self._get_profile(),
            [{"favourite_page_id": page.id, "page_view_count": count}],
        )

    def test_who_agreed_is_joined_with_what_was_read_before(self):
        self._decide(True)
        self._log_in()
        self.assertEqual(self._count(), 4)
        self._assert_favourite(self.page, 4)
        keys = [tile["key"] for tile in self._get_profile()._get_360_tiles()]
        self.assertIn("page_views", keys)
        shown = {"favourite_page_id": {"fields": {"display_name": {}}}}
        [values] = self._get_profile().with_user(self.user).web_read(shown)
        self.assertIn("Lamps", values["favourite_page_id"]["display_name"])

    def test_without_consent_nothing_is_joined(self):
        self._create_order()
        self._log_in()
        self.assertEqual(self._count(), 0)
        self._assert_favourite(self.page.browse(), 0)
        self.assertFalse(self.visitor.website_track_ids)
        self.assertEqual(self.visitor.partner_id, self.customer)
        tracks = self.env["website.track"].search([("page_id", "=", self.page.id)])
        self.assertEqual(len(tracks), 3, "they stay with somebody unknown")
        self.assertFalse(tracks.visitor_id.partner_id)
        event_type = self.event_type.search([("code", "=", "page_visited")])
        event_type._insert_events(event_type._get_sweep_scope())
        self.assertEqual(self._count(), 0)

    def test_who_objects_to_profiling_is_not_joined(self):
        self._decide(True)
        self._decide(False, "profiling")
        self._log_in()
        self.assertEqual(self._count(), 0)

    def test_merging_into_a_known_visitor_asks_for_consent_too(self):
        known = self._create_visitor(str(self.customer.id))
        stranger = self._create_visitor()
        self._read(stranger, self.page, 2)
        stranger._merge_visitor(known)
        self.assertFalse(known.website_track_ids)
        self._decide(True)
        self.visitor._merge_visitor(known)
        self.assertEqual(len(known.website_track_ids), 4)
        self.assertEqual(self._count(), 4)

    def test_a_withdrawal_takes_the_figures_away(self):
        self._decide(True)
        self._log_in()
        self._assert_favourite(self.page, 4)
        self._decide(False)
        self._assert_favourite(self.page.browse(), 0)

    def test_later_visits_are_swept(self):
        self._decide(True)
        self._log_in()
        self._read(self.visitor, self.other_page, 5)
        event_type = self.event_type.search([("code", "=", "page_visited")])
        event_type.backfill_done = True
        event_type._sweep_once()
        self.assertEqual(self._count(), 9)
        self._assert_favourite(self.other_page, 9)

    def test_expired_views_are_deleted_and_stay_counted(self):
        self._decide(True)
        old = self._read(self.visitor, self.page, 6, days_ago=500)
        self._log_in()
        self._assert_favourite(self.page, 10)
        readings = self.env["crm.page.reading"]
        self.assertEqual(readings._gc_expired_views()[0], 6)
        self.assertFalse(old.exists())
        readings._gc_expired_views()
        self.assertRecordValues(
            readings.search([("contact_id", "=", self.customer.id)]),
            [{"page_id": self.page.id, "view_count": 6}],
        )
        self._assert_favourite(self.page, 10)

    def test_counters_of_merged_contacts_are_added_up(self):
        readings = self.env["crm.page.reading"]
        double = self._create_customer("Ada Limited")
        values = {"page_id": self.page.id, "last_date": "2025-01-01 00:00:00"}
        readings.create(
            [
                {**values, "contact_id": self.customer.id, "view_count": 2},
                {**values, "contact_id": double.id, "view_count": 5},
            ]
        )
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer + double).ids, self.customer)
        self.assertRecordValues(
            readings.search([("page_id", "=", self.page.id)]),
            [{"contact_id": self.customer.id, "view_count": 7}],
        )

    def test_erasure_takes_the_visits_too(self):
        self._decide(True)
        self._log_in()
        tracks = self.visitor.website_track_ids
        request = self.env["crm.privacy.request"].create(
            {"partner_id": self.customer.id, "kind": "erasure"}
        )
        request._erase()
        self.assertFalse(tracks.exists() or self.visitor.exists())

    def test_views_of_who_did_not_agree_are_deleted_uncounted(self):
        self._log_in()
        self._read(self.visitor, self.page, 2, days_ago=500)
        readings = self.env["crm.page.reading"]
        self.assertEqual(readings._gc_expired_views()[0], 2)
        self.assertFalse(readings.search([("contact_id", "=", self.customer.id)]))

    def test_a_form_is_an_event_of_its_lead(self):
        lead = self.env["crm.lead"].create(
            {"name": "Form", "partner_id": self.customer.id}
        )
        event_type = self.event_type.search([("code", "=", "form_sent")])
        event_type.backfill_done = True
        event_type._sweep_once()
        self.assertEqual(self._count("form_sent"), 0)
        self.visitor.lead_ids = lead
        event_type._sweep_once()
        self.assertEqual(self._count("form_sent"), 1)

    def test_only_managers_see_the_counters(self):
        readings = self.env["crm.page.reading"]
        readings.with_user(self.manager).search([])
        for user in (self.user, self.salesman, self.portal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                readings.with_user(user).search([])

    def test_the_timeline_names_the_page(self):
        self._decide(True)
        self._log_in()
        self._run_pipeline()
        profile = self._get_profile()
        seen = self.profile.with_user(self.salesman).get_timeline(profile.id)
        names = [event["document"] for event in seen["events"]]
        self.assertEqual(names.count("Lamps"), 3)
        unseen = self.profile.with_user(self.user).get_timeline(profile.id)
        self.assertNotIn("Lamps", [event["document"] for event in unseen["events"]])

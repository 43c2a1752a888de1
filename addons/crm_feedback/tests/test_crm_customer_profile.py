from odoo.tests import new_test_user, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCustomerProfile(FeedbackCase):
    def test_the_profile_shows_cases_and_the_latest_recommendation(self):
        self._create_complaint()
        self._create_case().action_solve()
        self._create_answers(10, date="2026-01-01 00:00:00")
        self._create_answers(4, date="2026-02-01 00:00:00")
        self._run_pipeline()
        profile = self._get_profile()
        self.assertRecordValues(
            profile,
            [
                {
                    "case_count": 2,
                    "open_case_count": 1,
                    "open_complaint_count": 1,
                    "last_nps": 4,
                    "nps_category": "detractor",
                }
            ],
        )
        self.assertTrue(profile.last_case_date)

    def test_a_customer_without_cases_has_zeros(self):
        self._create_order()
        self._run_pipeline()
        self.assertRecordValues(
            self._get_profile(),
            [{"case_count": 0, "open_case_count": 0, "nps_category": False}],
        )

    def test_the_360_view_has_the_tiles(self):
        self._create_complaint()
        self._create_answers(10)
        self._run_pipeline()
        tiles = {tile["key"]: tile for tile in self._get_profile()._get_360_tiles()}
        self.assertEqual(tiles["open_cases"]["value"], "1 of 1")
        self.assertEqual(tiles["open_cases"]["tone"], "danger")
        self.assertIn("Promoter", tiles["satisfaction"]["value"])

    def _open(self, user):
        profile = self.env["crm.customer.profile"].with_user(user)
        return profile.get_customer_360(self._get_profile().id)

    def test_the_360_view_warns_of_a_complaint_and_says_to_answer_it_first(self):
        first = self._create_complaint()
        self._create_complaint()
        self._run_pipeline()
        view = self._open(self.env.user)
        self.assertIn("complaint", {item["key"] for item in view["warnings"]})
        advice = view["next_actions"][0]
        self.assertEqual(advice["key"], "complaint")
        self.assertEqual(advice["action"]["res_id"], first.id, "the oldest one")
        [action] = [item for item in view["actions"] if item["key"] == "complaint"]
        self.assertEqual(action["action"]["context"]["default_case_type"], "complaint")

    def test_cases_are_told_to_users_of_the_service_only(self):
        self._create_complaint()
        self._create_answers(10)
        self._run_pipeline()
        user = new_test_user(
            self.env, "no_service", groups="crm_lifecycle.crm_lifecycle_group_user"
        )
        view = self._open(user)
        told = {
            item["key"]
            for name in ("tiles", "warnings", "next_actions", "actions")
            for item in view[name]
        }
        self.assertFalse(told & {"open_cases", "satisfaction", "complaint"})
        kinds = {kind["key"] for kind in view["categories"]}
        self.assertFalse(kinds & {"service", "feedback"})

    def test_a_case_number_leads_to_the_customer(self):
        case = self._create_complaint()
        profile = self.env["crm.customer.profile"]
        [found] = profile.search_customers(case.number)
        self.assertEqual(found["partner_id"], self.customer.id)

    def test_segments_follow(self):
        self._create_complaint()
        self._create_answers(2)
        self._run_pipeline()
        for name in ("crm_segment_detractors", "crm_segment_open_complaint"):
            segment = self.env.ref(f"crm_feedback.{name}")
            self.assertIn(self.customer, segment.member_ids.partner_id)

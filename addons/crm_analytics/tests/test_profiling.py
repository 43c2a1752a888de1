from odoo.tests import tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestProfiling(AnalyticsCase):
    def test_who_objects_has_no_score_at_once_nor_after_the_next_run(self):
        customers = self._create_history([[(90, 50), (20, 70)]] * 6)
        self.profile._refresh(customers)
        runs = self.run_model.create(
            [
                {"kind": kind, "company_id": self.company.id}
                for kind in ("rfm", "clv", "churn")
            ]
        )
        runs.action_run()
        profiles = self.profile.search(
            [
                ("partner_id", "in", customers.ids),
                ("company_id", "=", self.company.id),
            ]
        )
        self.assertTrue(all(profiles.mapped("rfm_segment")))
        self.assertTrue(all(profiles.mapped("analytics_date")))
        objector = profiles[0]
        self.env["crm.consent"]._record(
            objector.partner_id, "profiling", "use", False, "Test", "No"
        )
        self._assert_no_score(objector)
        runs.copy().action_run()
        self._assert_no_score(objector)
        self.assertTrue(all((profiles - objector).mapped("churn_risk")))
        self.assertEqual(
            runs[0].copy()._read_customers(self.env.cr.now())["profile_id"].size, 5
        )

    def _assert_no_score(self, profile):
        for name in profile._get_score_field_names():
            self.assertFalse(profile[name], name)
        self.assertGreater(profile.order_count, 0, "facts stay")

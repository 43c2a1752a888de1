from odoo.tests import tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestPartnerMerge(AnalyticsCase):
    """Merged contacts are analysed as the one customer they are."""

    def test_three_contacts_are_one_customer_with_all_they_bought(self):
        customers = self._create_history([[(10, 100)], [(20, 300)], [(30, 500)]])
        self._run_analysis("clv")
        before = sum(profile.clv for profile in self._get_profiles(customers))
        self.env["base.partner.merge.automatic.wizard"]._merge(
            customers.ids, customers[0]
        )
        run = self._run_analysis("clv")
        self.assertEqual(run.customer_count, 1)
        [profile] = self._get_profiles(customers[0])
        self.assertRecordValues(profile, [{"order_count": 3, "revenue": 900}])
        self.assertEqual(profile.clv, before)
        self.assertEqual(
            self.profile.search_count([("partner_id", "in", customers.ids)]), 1
        )

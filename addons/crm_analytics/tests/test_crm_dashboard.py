from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmDashboard(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._create_history(
            [[(400, 50), (10, 100)], [(20, 300)], [(500, 70)]]
        )
        cls._run_analysis("rfm")
        cls._run_analysis("churn")

    def _get_dashboard(self, user=None, months=12):
        dashboard = self.env["crm.dashboard"].with_user(user or self.env.user)
        return dashboard.with_company(self.company).get_dashboard(months)

    def test_figures(self):
        tiles = {tile["key"]: tile["value"] for tile in self._get_dashboard()["tiles"]}
        self.assertEqual(tiles["customers"], "3")
        self.assertIn("400", tiles["revenue"], "the last twelve months only")
        self.assertEqual(tiles["repeat"], "33.3%")

    def test_each_bar_opens_what_it_counts(self):
        for chart in self._get_dashboard()["charts"]:
            for bar in chart["bars"]:
                if (
                    chart["model"] != "crm.customer.profile"
                    or chart["key"] == "churn_risk"
                ):
                    continue
                found = self.profile.search_count(
                    [*bar["domain"], ("company_id", "=", self.company.id)]
                )
                self.assertEqual(found, bar["value"], (chart["key"], bar["label"]))

    def test_months_of_the_revenue(self):
        charts = {c["key"]: c for c in self._get_dashboard(months=24)["charts"]}
        bars = charts["revenue"]["bars"]
        self.assertEqual(len(bars), 24)
        self.assertEqual(sum(bar["value"] for bar in bars), 520)

    def test_who_may_not_see_orders_sees_no_revenue_by_month(self):
        charts = {c["key"]: c for c in self._get_dashboard(self.analyst)["charts"]}
        self.assertEqual(sum(bar["value"] for bar in charts["revenue"]["bars"]), 0)

    def test_dashboard_is_not_for_every_employee(self):
        employee = new_test_user(self.env, "nosy", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._get_dashboard(employee)

    def test_number_of_queries_is_constant(self):
        self._get_dashboard()
        self.env.invalidate_all()
        with self.assertQueryCount(10):
            self._get_dashboard()

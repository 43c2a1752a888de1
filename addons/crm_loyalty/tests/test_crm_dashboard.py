from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.crm_lifecycle.models.crm_dashboard import DashboardScope

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestCrmDashboard(LoyaltyCase):
    def test_loyalty_board_counts_what_it_opens(self):
        today = self.env.cr.now().date()
        scope = DashboardScope(
            "loyalty", today - timedelta(days=30), today, self.env.company.ids
        )
        dashboard = self.env["crm.dashboard"]
        keys = [key for key, _label, _place in dashboard._get_boards()]
        self.assertIn("loyalty", keys)
        tiles = {tile["key"]: tile for tile in dashboard._get_tiles(scope)}
        action = tiles["members"]["action"]
        found = self.env[action["res_model"]].search_count(action["domain"])
        self.assertEqual(f"{found:n}", tiles["members"]["value"])
        entries = self.env["loyalty.points.entry"]
        for chart in dashboard._get_charts(scope):
            for bar in chart["bars"]:
                found = self.env[chart["model"]].search(bar["domain"])
                if chart["key"] == "points_by_month":
                    self.assertAlmostEqual(sum(found.mapped("points")), bar["value"])
                else:
                    self.assertEqual(len(found), bar["value"], chart["key"])
        self.assertTrue(entries.has_access("read"))

    def test_the_same_from_the_summary_of_past_days(self):
        card = self._create_card()
        self._book(card, 30, -10)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE loyalty_points_entry SET date = date - interval '10 day'"
        )
        self.env.invalidate_all()
        today = self.env.cr.now().date()
        scope = DashboardScope(
            "loyalty", today - timedelta(days=30), today, self.env.company.ids
        )
        dashboard = self.env["crm.dashboard"]
        live = dashboard._get_tiles(scope), dashboard._get_charts(scope)
        self.env["crm.document.summary.mixin"]._refresh_all()
        self.assertTrue(self.env["loyalty.points.summary"].search_count([]))
        summed = dashboard._get_tiles(scope), dashboard._get_charts(scope)
        self.assertEqual(summed, live)
        values = {tile["key"]: tile["value"] for tile in summed[0]}
        self.assertNotEqual(values["points_gained"], "0")

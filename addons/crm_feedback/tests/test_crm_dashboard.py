from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.crm_lifecycle.models.crm_dashboard import DashboardScope

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmDashboard(FeedbackCase):
    def test_service_board_counts_what_it_opens(self):
        today = self.env.cr.now().date()
        scope = DashboardScope(
            "service", today - timedelta(days=30), today, self.env.company.ids
        )
        dashboard = self.env["crm.dashboard"]
        keys = [key for key, _label, _place in dashboard._get_boards()]
        self.assertIn("service", keys)

        def read():
            return {tile["key"]: tile for tile in dashboard._get_tiles(scope)}

        before = read()
        customer = self.env["res.partner"].create({"name": "Dashboard Ltd"})
        self.env["crm.case"].create(
            {"name": "Broken", "partner_id": customer.id, "case_type": "complaint"}
        )
        after = read()
        for key in ("open_cases", "complaints"):
            self.assertEqual(int(after[key]["value"]), int(before[key]["value"]) + 1)
            action = after[key]["action"]
            found = self.env[action["res_model"]].search_count(action["domain"])
            self.assertEqual(found, int(after[key]["value"]))
        for chart in dashboard._get_charts(scope):
            for bar in chart["bars"]:
                found = self.env[chart["model"]].search_count(bar["domain"])
                self.assertEqual(found, bar["value"], (chart["key"], bar["label"]))

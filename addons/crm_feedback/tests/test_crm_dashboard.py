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

    def test_the_same_from_the_summary_of_past_days(self):
        customer = self.env["res.partner"].create({"name": "Dashboard Ltd"})
        self._create_complaint(customer)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_case SET create_date = create_date - interval '10 day'"
        )
        self.env.invalidate_all()
        today = self.env.cr.now().date()
        scope = DashboardScope(
            "service", today - timedelta(days=30), today, self.env.company.ids
        )
        dashboard = self.env["crm.dashboard"]
        live = dashboard._get_tiles(scope), dashboard._get_charts(scope)
        self.env["crm.document.summary.mixin"]._refresh_all()
        self.assertTrue(self.env["crm.case.summary"].search_count([]))
        self.env.cr.execute("UPDATE crm_case SET active = FALSE")
        self.env.invalidate_all()
        charts = dashboard._get_charts(scope)
        self.assertEqual(charts, live[1], "Read from the summary of last night.")

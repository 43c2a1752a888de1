from odoo.tests import HttpCase, tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestTours(LifecycleCase, HttpCase):
    def test_dashboard(self):
        self._create_order(self._create_customer("Dashboard Ltd"), amount=250)
        self._run_pipeline()
        runs = self.env["crm.analytics.run"]
        runs.create([{"kind": kind} for kind in ("rfm", "clv")]).action_run()
        self.start_tour("/odoo", "crm_analytics_dashboard", login="admin")

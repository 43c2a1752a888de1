from odoo.tests import new_test_user, tagged

from .analytics_case import AnalyticsCase

RIGHTS = {
    "crm.analytics.run": {"user": "r", "manager": "crwu"},
    "crm.analytics.result": {"user": "", "manager": "r"},
    "crm.analytics.run.compare": {"user": "crwu", "manager": "crwu"},
    "crm.analytics.export": {"user": "", "manager": "crwu"},
    "crm.dashboard.mail": {"user": "r", "manager": "crwu"},
    "crm.kpi": {"employee": "r", "user": "r", "manager": "crwu"},
    "crm.kpi.month": {"employee": "r", "user": "r", "manager": "crwu"},
    "crm.kpi.objective": {"user": "r", "manager": "crwu"},
    "crm.kpi.step": {"user": "r", "manager": "crwu"},
    "crm.kpi.snapshot": {"employee": "r", "user": "r", "manager": "r"},
}
OPERATIONS = {"c": "create", "r": "read", "w": "write", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestSecurity(AnalyticsCase):
    def test_rights_of_each_role(self):
        groups = "crm_analytics.crm_analytics_group_manager"
        head = new_test_user(self.env, "head_of_analytics", groups=groups)
        portal = new_test_user(self.env, "portal_analytics", groups="base.group_portal")
        for model_name, rights in RIGHTS.items():
            by_user = {
                self.analyst: rights["user"],
                head: rights["manager"],
                self.user: rights.get("employee", ""),
                portal: "",
                self.env.ref("base.public_user"): "",
            }
            for user, letters in by_user.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model_name, user=user.login, op=operation):
                        model = self.env[model_name].with_user(user)
                        self.assertEqual(model.has_access(operation), letter in letters)

    def test_another_company_s_figures_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        run = self.run_model.create({"kind": "rfm", "company_id": other.id})
        kpi = self.env["crm.kpi"].create(
            {
                "name": "Theirs",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "company_id": other.id,
                "target": 1,
            }
        )
        kpi.action_snapshot()
        for record in (run, kpi, kpi.snapshot_ids):
            seen = record.with_user(self.analyst).search([("id", "in", record.ids)])
            self.assertFalse(seen)

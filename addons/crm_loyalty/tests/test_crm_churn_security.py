from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .churn_case import ChurnCase


@tagged("post_install", "-at_install")
class TestCrmChurnSecurity(ChurnCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {
            "colleague": "sales_team.group_sale_salesman",
            "leader": "sales_team.group_sale_salesman",
            "all": "sales_team.group_sale_salesman_all_leads",
            "user": "crm_loyalty.crm_loyalty_group_user",
            "manager": "crm_loyalty.crm_loyalty_group_manager",
        }
        cls.users = {
            role: new_test_user(cls.env, f"churn_{role}", groups=group)
            for role, group in groups.items()
        }

    def _sees(self, role, alert):
        user = self.users.get(role, self.seller)
        return alert in self.alert.with_user(user).search([])

    def test_a_salesperson_sees_his_alerts_only(self):
        team = self.env["crm.team"].create(
            {"name": "Keepers", "user_id": self.users["leader"].id}
        )
        alert = self._create_alert(team_id=team.id)
        held = self._create_alert(is_holdout=True)
        replayed = self._create_alert(is_replay=True)
        for role, sees in (
            ("seller", True),
            ("colleague", False),
            ("leader", True),
            ("all", True),
            ("user", True),
            ("manager", True),
        ):
            with self.subTest(role):
                self.assertEqual(self._sees(role, alert), sees)
                for hidden in (held, replayed):
                    self.assertEqual(self._sees(role, hidden), role == "manager")

    def test_nobody_writes_an_alert_by_hand(self):
        alert = self._create_alert()
        for role in ("colleague", "leader", "all", "user"):
            with self.subTest(role), self.assertRaises(AccessError):
                alert.with_user(self.users[role]).margin_at_stake = 1
        with self.assertRaises(AccessError):
            alert.with_user(self.seller).state = "dismissed"

    def test_a_manager_gives_an_alert_to_another_owner(self):
        alert = self._create_alert()
        alert.with_user(self.users["manager"]).user_id = self.users["colleague"]
        self.assertTrue(self._sees("colleague", alert))

    def test_a_manager_needs_no_other_rights(self):
        self._lose()
        self._refresh()
        manager = self.users["manager"]
        warning = self.warning.with_user(manager)
        warning.action_preview()
        warning.action_start()
        warning.action_watch_now()
        self.assertEqual(len(self.warning.alert_ids), 1)
        self.assertEqual(warning.read(["verdict", "open_stake"])[0]["open_stake"], 160)
        warning.alert_ids.action_call()
        self.assertEqual(self.warning.alert_ids.state, "acted_on")

    def test_alerts_of_another_company_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        warning = self.warning.copy({"company_id": company.id})
        alert = self._create_alert(warning_id=warning.id)
        for user in (self.seller, *self.users.values()):
            self.assertNotIn(alert, self.alert.with_user(user).search([]))

    def test_the_person_is_told_of_alerts_and_they_are_erased(self):
        sections = {
            section.model: section
            for section in self.env["crm.privacy.request"]._get_sections()
        }
        self.assertEqual(sections["crm.churn.alert"].erasure, "delete")
        self.assertIn("reasons", sections["crm.churn.alert"].fields)

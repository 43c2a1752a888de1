from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .lifecycle_case import LifecycleCase

# What each role may do: letters of create, read, write, unlink.
RIGHTS = {
    "crm.customer.event.type": {"user": "r", "manager": "crwu"},
    "crm.customer.event": {"user": "", "manager": "r"},
    "crm.customer.metric": {"user": "r", "manager": "crwu"},
    "crm.customer.profile": {"user": "r", "manager": "r"},
    "crm.customer.profile.refresh": {"user": "", "manager": ""},
    "crm.customer.profile.run": {"user": "", "manager": "r"},
    "crm.customer.stage": {"user": "r", "manager": "r"},
    "crm.customer.stage.report": {"user": "r", "manager": "r"},
    "crm.customer.stage.rule": {"user": "r", "manager": "crwu"},
    "crm.segment": {"user": "r", "manager": "crwu"},
    "crm.segment.member": {"user": "r", "manager": "crw"},
    "crm.consent.purpose": {"user": "r", "manager": "crwu"},
    "crm.consent": {"user": "crw", "manager": "crw"},
    "crm.consent.log": {"user": "r", "manager": "r"},
    "crm.privacy.request": {"user": "", "manager": "crwu"},
    "crm.privacy.suppression": {"user": "", "manager": "r"},
}
OPERATIONS = {"c": "create", "r": "read", "w": "write", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestSecurity(LifecycleCase):
    def test_rights_of_each_role(self):
        employee = new_test_user(self.env, "employee", groups="base.group_user")
        portal = new_test_user(self.env, "portal", groups="base.group_portal")
        for model_name, rights in RIGHTS.items():
            by_user = {
                self.user: rights["user"],
                self.manager: rights["manager"],
                employee: "",
                portal: "",
                self.env.ref("base.public_user"): "",
            }
            for user, letters in by_user.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model_name, user=user.login, op=operation):
                        allowed = (
                            self.env[model_name].with_user(user).has_access(operation)
                        )
                        self.assertEqual(allowed, letter in letters)

    def test_another_company_s_customers_are_not_seen(self):
        self._create_order(amount=10)
        self._run_pipeline()
        segment = self.env["crm.segment"].create(
            {"name": "Ours", "company_id": self.env.company.id}
        )
        other = self.env["res.company"].create({"name": "Other"})
        for user in (self.user, self.manager):
            user.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        self.assertFalse(self.profile.with_user(self.user).search([]))
        self.assertFalse(self.event.with_user(self.manager).search([]))
        self.assertNotIn(segment, segment.with_user(self.user).search([]))
        members = self.env["crm.segment.member"].with_user(self.user).search([])
        self.assertFalse(members)

    def test_salespeople_see_their_own_customers(self):
        leader, colleague = (
            new_test_user(
                self.env,
                login,
                groups="crm_lifecycle.crm_lifecycle_group_user,"
                "sales_team.group_sale_salesman",
            )
            for login in ("leader", "colleague")
        )
        self.env["crm.team"].create(
            {"name": "T", "user_id": leader.id, "member_ids": [(4, colleague.id)]}
        )
        everyone = [
            new_test_user(
                self.env,
                group,
                groups=f"{group},crm_lifecycle.crm_lifecycle_group_user",
            )
            for group in (
                "sales_team.group_sale_salesman_all_leads",
                "mass_mailing.group_mass_mailing_user",
                "account.group_account_invoice",
            )
        ]
        unassigned = self._create_customer("Nobody Ltd")
        own = self._create_customer("Own Ltd", user_id=self.salesman.id)
        other = self._create_customer("Other Ltd", user_id=colleague.id)
        customers = unassigned | own | other
        self.profile._refresh(customers)
        expected = {
            self.salesman: unassigned | own,
            colleague: unassigned | other,
            leader: unassigned | other,
            self.manager: customers,
            self.user: customers,
            **dict.fromkeys(everyone, customers),
        }
        mine = [("partner_id", "in", customers.ids)]
        for user, seen in expected.items():
            with self.subTest(user.login):
                self.assertEqual(
                    self.profile.with_user(user).search(mine).partner_id, seen
                )
                for model in ("crm.customer.stage", "crm.customer.stage.report"):
                    stays = self.env[model].with_user(user)
                    self.assertEqual(stays.search(mine).partner_id, seen)
        profile = self._get_profile(other).with_user(self.salesman)
        with self.assertRaises(AccessError):
            profile.get_customer_360(profile.id)
        with self.assertRaisesRegex(AccessError, "another salesperson"):
            other.with_user(self.salesman).action_open_customer_360()

    def test_billing_figures_need_a_billing_role(self):
        self._create_order(user_id=self.salesman.id)
        self.profile._refresh()
        profile = self._get_profile().with_user(self.salesman)
        self.assertEqual(profile.visible_order_count, 1)
        with self.assertRaises(AccessError):
            profile.read(["open_amount"])

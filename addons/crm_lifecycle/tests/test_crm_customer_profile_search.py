from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerProfileSearch(LifecycleCase):
    def _find(self, text, user=None):
        found = self.profile.with_user(user or self.env.user).search_customers(text)
        return [item["partner_id"] for item in found]

    def test_find_by_name_email_phone_and_reference(self):
        customer = self._create_customer(
            "Zyxw Trading",
            email="orders@zyxw.example",
            phone="+32 2 290 34 90",
            ref="ZX-77",
        )
        for text in ("zyxw", "orders@zyxw", "022903490", "+32 2290 3490", "ZX-77"):
            with self.subTest(text=text):
                self.assertIn(customer.id, self._find(text, self.user))
        self.assertEqual(self._find("z"), [], "one letter finds everybody")
        self.assertEqual(self._find("  "), [])

    def test_a_person_leads_to_the_company(self):
        self.env["res.partner"].create(
            {"name": "Quirina Clerk", "parent_id": self.customer.id}
        )
        [found] = self.profile.search_customers("quirina")
        self.assertEqual(found["partner_id"], self.customer.id)
        self.assertEqual(found["found"], "Quirina Clerk")

    def test_find_by_number_of_order_and_invoice(self):
        order = self._create_order(user_id=self.manager.id)
        invoice = self._invoice(order)
        for number in (order.name, invoice.name):
            self.assertEqual(self._find(number)[0], self.customer.id)
            self.assertEqual(
                self._find(number, self.salesman), [], "not his own documents"
            )
            self.assertEqual(self._find(number, self.user), [])

    def test_search_is_for_users_of_the_suite(self):
        employee = new_test_user(self.env, "nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._find("ada", employee)

    def test_mailing_contact_leads_to_the_customer(self):
        contact = self.env["mailing.contact"].create(
            {"name": "Ada", "email": "Ada <ADA@example.com>"}
        )
        action = contact.action_open_customer_360()
        self.assertEqual(action["params"]["profile_id"], self._get_profile().id)

    def test_mailing_contact_without_customer_says_what_to_do(self):
        contact = self.env["mailing.contact"].create({"email": "new@nowhere.example"})
        with self.assertRaisesRegex(UserError, "Create a contact"):
            contact.action_open_customer_360()

    def test_mailing_contact_of_several_customers_asks_which(self):
        self._create_customer("Ada Twin", email=self.customer.email)
        contact = self.env["mailing.contact"].create({"email": self.customer.email})
        action = contact.action_open_customer_360()
        self.assertEqual(action["params"], {"search": "ada@example.com"})

    def test_a_customer_hidden_by_a_rule_is_neither_found_nor_opened(self):
        self._create_order()
        self.profile._refresh()
        self.assertIn(self.customer.id, self._find("ada ltd", self.user))
        self.env["ir.rule"].create(
            {
                "name": "Nobody's",
                "model_id": self.env["ir.model"]._get_id("crm.customer.profile"),
                "domain_force": "[('user_id', '=', user.id)]",
            }
        )
        self.assertEqual(self._find("ada ltd", self.user), [])
        with self.assertRaisesRegex(AccessError, "another salesperson"):
            self.customer.with_user(self.user).action_open_customer_360()

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmIdentityDuplicate(LifecycleCase):
    """Contacts that look like one are listed until somebody says what they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.duplicates = cls.env["crm.identity.duplicate"]
        cls.customer.email = "dup-ada@example.com"
        cls.twin = cls._create_customer("Ada twin", email="DUP-Ada@Example.com")

    def _refresh(self):
        for kind in ("email", "phone", "vat"):
            self.duplicates._refresh(kind)
        return self.duplicates.search([("partner_ids", "in", self.customer.ids)])

    def test_contacts_with_something_in_common_are_listed(self):
        third = self._create_customer("Bob Ltd", phone="+32470123456")
        self.customer.write({"phone": "+32 470 12 34 56", "vat": "BE0477472701"})
        self.twin.vat = "be 0477.472.701"
        found = {d.kind: d.partner_ids for d in self._refresh()}
        self.assertEqual(
            found,
            {
                "email": self.customer | self.twin,
                "phone": self.customer | third,
                "vat": self.customer | self.twin,
            },
        )

    def test_contacts_of_one_company_are_no_duplicates(self):
        self.twin.write({"is_company": False, "parent_id": self.customer.id})
        self.assertFalse(self._refresh())
        other = self._create_customer("Eve", email="dup-ada@example.com")
        self.assertEqual(self._refresh().partner_ids, self.customer | other)

    def test_what_differs_stays_so_until_there_is_one_more(self):
        self._refresh().with_user(self.manager).action_differ()
        self.assertEqual(self._refresh().state, "different")
        third = self._create_customer("Ada third", email="dup-ada@example.com")
        duplicate = self._refresh()
        self.assertEqual(duplicate.state, "open")
        self.assertIn(third, duplicate.partner_ids)

    def test_the_list_forgets_what_is_so_no_more(self):
        third = self._create_customer("Ada third", email="dup-ada@example.com")
        self.assertEqual(self._refresh().partner_count, 3)
        third.active = False
        self.assertEqual(self._refresh().partner_ids, self.customer | self.twin)
        self.twin.email = "other@example.com"
        self.assertFalse(self._refresh())

    def test_merging_them_closes_the_question(self):
        duplicate = self._refresh()
        action = duplicate.with_user(self.manager).action_merge()
        wizard = (
            self.env[action["res_model"]]
            .with_context(**action["context"])
            .create({"dst_partner_id": self.customer.id})
        )
        self.assertEqual(wizard.partner_ids, self.customer | self.twin)
        wizard.action_merge()
        self.assertFalse(self.twin.exists())
        self.assertEqual(duplicate.state, "merged")
        self.assertFalse(self._refresh())

    def test_companies_do_not_meet(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.twin.company_id = other
        self.customer.company_id = self.env.company
        self.assertFalse(self._refresh())
        self.customer.company_id = False
        duplicate = self._refresh()
        self.assertEqual(duplicate.company_id, other)
        mine = self.duplicates.with_user(self.manager).search([("id", ">", 0)])
        self.assertNotIn(duplicate, mine)

    def test_users_decide_nothing(self):
        with self.assertRaises(AccessError):
            self._refresh().with_user(self.user).action_differ()

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .loyalty_case import LoyaltyCase

# What each role may do: letters of create, read, write, unlink.
RIGHTS = {
    "loyalty.points.entry": {"user": "r", "manager": "r", "salesman": "r"},
    "loyalty.tier.change": {"user": "r", "manager": "r", "salesman": "r"},
    "loyalty.tier": {
        "user": "r",
        "manager": "crwu",
        "salesman": "r",
        "lifecycle": "r",
    },
    "loyalty.earning.rule": {"user": "r", "manager": "crwu"},
    "loyalty.program": {"user": "r", "manager": "crwu", "salesman": "r"},
    "loyalty.card": {"user": "r", "manager": "crw", "salesman": "rw"},
    "loyalty.program.setup": {"manager": "crwu"},
}
OPERATIONS = {"c": "create", "r": "read", "w": "write", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestSecurity(LoyaltyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {
            "user": "crm_loyalty.crm_loyalty_group_user",
            "manager": "crm_loyalty.crm_loyalty_group_manager",
            "lifecycle": "crm_lifecycle.crm_lifecycle_group_user",
            "salesman": "sales_team.group_sale_salesman",
            "employee": "base.group_user",
            "portal": "base.group_portal",
        }
        cls.users = {
            role: new_test_user(cls.env, f"loyalty_{role}", groups=group)
            for role, group in groups.items()
        }

    def test_rights_of_each_role(self):
        for model_name, rights in RIGHTS.items():
            for role, user in self.users.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model_name, role=role, op=operation):
                        model = self.env[model_name].with_user(user)
                        self.assertEqual(
                            model.has_access(operation), letter in rights.get(role, "")
                        )

    def test_nobody_books_changes_or_deletes_by_hand(self):
        card = self._create_card()
        entry = self._book(card, 50)
        for user in self.users.values():
            ledger = self.ledger.with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    ledger.create(
                        {"card_id": card.id, "card_code": card.code, "points": 5}
                    )
                with self.assertRaises(UserError):
                    ledger.browse(entry.id).write({"points": 5})
                with self.assertRaises(UserError):
                    ledger.browse(entry.id).unlink()
        self.assertEqual(card.points, 50)

    def test_a_reader_cannot_change_a_balance(self):
        card = self._create_card(points=50)
        with self.assertRaises(AccessError):
            card.with_user(self.users["user"]).points = 500
        self.assertEqual(self._get_entries(card), [("adjustment", 50)])

    def test_the_forms_open_for_who_sees_no_orders(self):
        self._create_order().action_confirm()
        card = self._get_card()
        reader = self.users["user"]
        entry = self.ledger.search([("card_id", "=", card.id)])
        self.env.invalidate_all()
        for record in (card, self.program, entry):
            with self.subTest(model=record._name):
                arch = etree.fromstring(
                    record.with_user(reader).get_view(view_type="form")["arch"]
                )
                names = arch.xpath("//field[not(ancestor::field)]/@name")
                record.with_user(reader).read(set(names))
                self.assertTrue(entry.with_user(reader).display_name)

    def test_a_manager_needs_no_other_rights(self):
        manager = self.users["manager"]
        setup = self.env["loyalty.program.setup"].with_user(manager).create({})
        action = setup.action_create_program()
        program = (
            self.env["loyalty.program"].with_user(manager).browse(action["res_id"])
        )
        program.tier_ids[0].threshold = 10
        card = self._create_card(points=50).with_user(manager)
        self.env["loyalty.card.update.balance"].with_user(manager).create(
            {"card_id": card.id, "new_balance": 80, "description": "Goodwill"}
        ).action_update_card_point()
        self.assertEqual(card.points, 80)

    def test_a_salesperson_confirms_and_corrects(self):
        salesman = self.users["salesman"]
        order = self._create_order(quantity=2, user_id=salesman.id)
        order.with_user(salesman).action_confirm()
        card = self._get_card()
        self.assertEqual(card.points, 200)
        card.with_user(salesman).points = 210
        entry = self.ledger.search([("card_id", "=", card.id)], limit=1)
        self.assertEqual((entry.points, entry.create_uid), (10, salesman))

    def test_an_accountant_who_sees_no_orders_posts_a_credit_note(self):
        accountant = new_test_user(
            self.env, "loyalty_accountant", groups="account.group_account_invoice"
        )
        order = self._create_order(quantity=2)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        note = invoice._reverse_moves()
        note.invoice_date = note.date
        note.with_user(accountant).action_post()
        self.assertEqual(self._get_card().points, 0)

    def test_entries_of_another_company_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        program = self._create_program(company_id=company.id)
        card = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": self.customer.id, "points": 7}
        )
        tier = self.env["loyalty.tier"].create(
            {"name": "Gold", "program_id": program.id, "threshold": 0}
        )
        card._update_tiers()
        reader = self.users["user"]
        for model_name, domain in (
            ("loyalty.points.entry", [("card_id", "=", card.id)]),
            ("loyalty.tier.change", [("card_id", "=", card.id)]),
            ("loyalty.tier", [("id", "=", tier.id)]),
        ):
            with self.subTest(model=model_name):
                self.assertTrue(self.env[model_name].sudo().search(domain))
                self.assertFalse(self.env[model_name].with_user(reader).search(domain))

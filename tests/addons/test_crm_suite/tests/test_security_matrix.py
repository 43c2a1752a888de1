import csv
from pathlib import Path

from odoo.tests import TransactionCase, new_test_user, tagged

MATRIX = Path(__file__).with_name("security_matrix.csv")
# The column of the matrix and the groups of who stands in it.
ROLES = {
    "public": "base.group_public",
    "portal": "base.group_portal",
    "employee": "base.group_user",
    "salesperson_own": "sales_team.group_sale_salesman",
    "salesperson_all": "sales_team.group_sale_salesman_all_leads",
    "sales_manager": "sales_team.group_sale_manager",
    "marketing_user": "mass_mailing.group_mass_mailing_user",
    "lifecycle_user": "crm_lifecycle.crm_lifecycle_group_user",
    "lifecycle_manager": "crm_lifecycle.crm_lifecycle_group_manager",
    "feedback_user": "crm_feedback.crm_feedback_group_user",
    "feedback_manager": "crm_feedback.crm_feedback_group_manager",
    "loyalty_user": "crm_loyalty.crm_loyalty_group_user",
    "loyalty_manager": "crm_loyalty.crm_loyalty_group_manager",
    "analytics_user": "crm_analytics.crm_analytics_group_user",
    "analytics_manager": "crm_analytics.crm_analytics_group_manager",
}
OPERATIONS = {"c": "create", "r": "read", "w": "write", "u": "unlink"}
OUTSIDERS = ("public", "portal")


@tagged("post_install", "-at_install")
class TestSecurityMatrix(TransactionCase):
    """Who may do what with every model of the suite, said in ``security_matrix.csv``.

    The file has a line per model and a column per role, with the letters of create,
    read, write and unlink. A model that is not in it fails the test: nobody adds one
    without saying who may use it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with MATRIX.open(newline="") as lines:
            cls.matrix = {row.pop("model"): row for row in csv.DictReader(lines)}
        cls.users = {
            role: new_test_user(cls.env, f"matrix_{role}", groups=group)
            for role, group in ROLES.items()
        }

    def _own_models(self):
        """Return the models that the suite's addons define, abstract ones left out."""
        data = self.env["ir.model.data"].search(
            [
                ("model", "=", "ir.model"),
                ("module", "=like", "crm\\_%"),
                ("module", "in", self._own_addons()),
            ]
        )
        names = self.env["ir.model"].browse(data.mapped("res_id")).mapped("model")
        return {
            name
            for name in names
            if not self.env[name]._abstract
            and self.env[name]._original_module in self._own_addons()
        }

    def _own_addons(self):
        modules = self.env["ir.module.module"].search(
            [("author", "=", "CRM Lifecycle contributors"), ("state", "=", "installed")]
        )
        return [name for name in modules.mapped("name") if name != "test_crm_suite"]

    def test_every_model_says_who_may_use_it(self):
        self.assertEqual(set(self.matrix), self._own_models())

    def test_each_role_may_do_what_the_matrix_says(self):
        for model_name, expected in self.matrix.items():
            for role, user in self.users.items():
                model = self.env[model_name].with_user(user)
                letters = "".join(
                    letter
                    for letter, operation in OPERATIONS.items()
                    if model.has_access(operation)
                )
                with self.subTest(model=model_name, role=role):
                    self.assertEqual(letters, expected[role])

    def test_records_of_a_company_stay_in_it(self):
        """Read as SQL by the rules: what a user of one company sees names it."""
        for model_name in self.matrix:
            model = self.env[model_name]
            field = model._fields.get("company_id")
            if model._transient or not (field and field.store):
                continue
            for role, user in self.users.items():
                if not model.with_user(user).has_access("read"):
                    continue
                rules = self.env["ir.rule"].with_user(user)
                domain = rules._compute_domain(model_name, "read")
                with self.subTest(model=model_name, role=role):
                    self.assertIn("company", repr(domain))

    def test_outsiders_see_their_own_records_only(self):
        for model_name, expected in self.matrix.items():
            for role in OUTSIDERS:
                if not expected[role]:
                    continue
                rules = self.env["ir.rule"].with_user(self.users[role])
                domain = repr(rules._compute_domain(model_name, "read"))
                with self.subTest(model=model_name, role=role):
                    self.assertIn("partner_id", domain)

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCaseWarranty(FeedbackCase):
    def test_month_23_is_covered_and_month_25_is_not(self):
        self.product.warranty_months = 24
        order = self._create_order()
        sold = fields.Datetime.now() - relativedelta(months=30)
        order.date_order = sold
        case = self._create_complaint(
            sale_order_id=order.id, product_id=self.product.id
        )
        for months, state in ((0, "in"), (23, "in"), (24, "in"), (25, "out")):
            case.date_received = sold + relativedelta(months=months)
            with self.subTest(months=months):
                self.assertEqual(case.warranty_state, state)
        self.assertEqual(case.warranty_until, (sold + relativedelta(months=24)).date())

    def test_without_sale_or_term_it_says_so(self):
        case = self._create_complaint(product_id=self.product.id)
        self.assertFalse(case.warranty_state)
        self.product.warranty_months = 12
        self.assertEqual(case.warranty_state, "unknown")


@tagged("post_install", "-at_install")
class TestCrmServiceContract(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_product = cls.product.copy({"name": "Desk"})
        cls.fast = cls._create_policy(name="Fast", first_response_hours=1, sequence=99)
        cls.plain = cls._create_policy(name="Plain", sequence=1)
        today = fields.Date.today()
        cls.contract = cls.env["crm.service.contract"].create(
            {
                "name": "SC-1",
                "partner_id": cls.customer.id,
                "date_start": today - relativedelta(years=1),
                "date_end": today + relativedelta(days=10),
                "product_ids": [Command.set(cls.product.ids)],
                "sla_policy_id": cls.fast.id,
                "entitlement_ids": [
                    Command.create({"kind": "visit", "quantity": 2}),
                    Command.create({"kind": "replacement"}),
                ],
            }
        )

    def test_a_case_about_a_covered_product_shows_the_contract(self):
        case = self._create_complaint(product_id=self.product.id)
        self.assertEqual(case.contract_id, self.contract)
        self.assertIn("2 of 2 left", case.coverage)
        self.assertIn("without limit", case.coverage)
        self.assertEqual(self.contract.case_count, 1)

    def test_other_products_customers_and_days_are_not_covered(self):
        stranger = self._create_customer("Mallory Ltd")
        late = fields.Datetime.now() + relativedelta(days=11)
        for values in (
            {"product_id": self.other_product.id},
            {"product_id": self.product.id, "partner": stranger},
            {"product_id": self.product.id, "date_received": late},
        ):
            with self.subTest(values=values):
                self.assertFalse(self._create_complaint(**values).contract_id)

    def test_a_category_covers_its_products(self):
        self.contract.write(
            {"product_ids": [Command.clear()], "categ_ids": self.product.categ_id.ids}
        )
        case = self._create_complaint(product_id=self.product.id)
        self.assertEqual(case.contract_id, self.contract)

    def test_its_policy_counts_before_all_others(self):
        covered = self._create_complaint(product_id=self.product.id)
        self.assertEqual(covered.sla_policy_id, self.fast)
        plain = self._create_complaint()
        self.assertEqual(plain.sla_policy_id, self.plain)
        plain.product_id = self.product
        self.assertEqual(plain.sla_policy_id, self.fast, "the product came later")

    def test_what_was_used_is_counted(self):
        case = self._create_complaint(product_id=self.product.id)
        self.env["crm.case.visit"].create(
            {
                "case_id": case.id,
                "user_id": self.agent.id,
                "date_start": fields.Datetime.now(),
            }
        )
        self.env.invalidate_all()
        self.assertIn("1 of 2 left", case.coverage)

    def test_states(self):
        contracts = self.env["crm.service.contract"]
        self.assertEqual(self.contract.state, "running")
        self.assertIn(self.contract, contracts.search([("state", "=", "running")]))
        self.contract.date_end = fields.Date.today() - relativedelta(days=1)
        self.assertEqual(self.contract.state, "expired")
        self.assertIn(self.contract, contracts.search([("state", "!=", "running")]))

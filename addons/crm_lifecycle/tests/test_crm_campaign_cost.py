from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestCrmCampaignCost(CampaignCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign.budget = 1000

    def _create_cost(self, user, actual, **values):
        return (
            self.env["crm.campaign.cost"]
            .with_user(user)
            .create(
                {
                    "campaign_id": self.campaign.id,
                    "name": "Print",
                    "kind": "print",
                    "actual": actual,
                    **values,
                }
            )
        )

    def test_a_cost_above_the_budget_is_refused(self):
        self._create_cost(self.user, 800)
        with self.assertRaises(UserError) as caught:
            self._create_cost(self.user, 300)
        self.assertRegex(str(caught.exception), r"1,100.*1,000.*manager")
        cost = self._create_cost(self.user, 200)
        with self.assertRaises(UserError):
            cost.actual = 201
        self.assertEqual(self.campaign.budget_left, 0)
        self.assertFalse(self.campaign.budget_warning)

    def test_a_manager_may_exceed_the_budget_and_all_are_warned(self):
        self._create_cost(self.manager, 1300)
        self.assertEqual(self.campaign.budget_left, -300)
        self.assertIn("300", self.campaign.with_user(self.user).budget_warning)

    def test_what_a_manager_approved_above_the_budget_is_entered(self):
        cost = self._create_cost(self.user, 0, planned=1200)
        with self.assertRaises(UserError) as caught:
            cost.actual = 1200
        self.assertIn("Ask for Approval", str(caught.exception))
        self.campaign.with_user(self.user).action_ask_approval()
        self.campaign.with_user(self.manager).action_approve()
        cost.actual = 1200
        with self.assertRaises(UserError):
            cost.actual = 1201

    def test_planned_costs_above_the_budget_warn(self):
        self._create_cost(self.user, 0, planned=1200)
        self.assertIn("200", self.campaign.budget_warning)

    def test_without_a_budget_nothing_is_refused(self):
        self.campaign.budget = 0
        self._create_cost(self.user, 5000)
        self.assertFalse(self.campaign.budget_warning)

    def test_a_vendor_bill_line_gives_the_actual_cost(self):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Leaflets", "price_unit": 640, "tax_ids": False}
                    )
                ],
            }
        )
        cost = self._create_cost(self.manager, 0)
        cost.sudo().bill_line_id = bill.invoice_line_ids
        self.assertEqual(cost.actual, 0)
        bill.action_post()
        self.assertEqual(cost.actual, 640)
        self.assertTrue(cost.is_billed)
        bill.button_draft()
        self.assertEqual(cost.actual, 0)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def _post_bill(self, *lines):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-01-01",
                "campaign_id": self.campaign.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": name, "price_unit": amount, "tax_ids": False}
                    )
                    for name, amount in lines
                ],
            }
        )
        bill.action_post()
        return bill

    def test_a_bill_for_the_campaign_is_its_cost(self):
        planned = self._create_cost(self.user, 0, name="Letters", planned=700)
        bill = self._post_bill(("letters", 650), ("Stamps", 120))
        costs = self.campaign.cost_ids
        self.assertEqual(
            {cost.name: (cost.planned, cost.actual) for cost in costs},
            {"Letters": (700, 650), "Stamps": (0, 120)},
        )
        self.assertEqual(planned.sudo().bill_line_id, bill.invoice_line_ids[0])
        bill.button_draft()
        self.assertEqual(self.campaign.actual_cost, 0)
        bill.action_post()
        self.assertEqual(len(self.campaign.cost_ids), 2, "entered once")
        self.assertEqual(self.campaign.actual_cost, 770)

    def test_a_bill_above_the_budget_is_posted_and_asks(self):
        accountant = new_test_user(
            self.env, "bill_accountant", groups="account.group_account_invoice"
        )
        bill = self._post_bill(("Letters", 600))
        bill.button_draft()
        bill.invoice_line_ids.price_unit = 1500
        bill.with_user(accountant).action_post()
        self.assertEqual(self.campaign.actual_cost, 1500)
        self.assertTrue(self.campaign.needs_approval)
        self.assertIn(self.manager, self.campaign.activity_ids.user_id)

    def test_costs_are_imported_from_a_file_once(self):
        """The import screen of Odoo: a second file with the same ids adds nothing."""
        content = (
            "id,campaign_id,name,kind,date,planned,actual\n"
            f"cost_1,{self.campaign.name},Flyer,Print,2026-03-01,300,280.50\n"
            f"cost_2,{self.campaign.name},Banner,Advertising,2026-03-02,100,120\n"
        )
        for actual in ("120", "130"):
            wizard = self.env["base_import.import"].create(
                {
                    "res_model": "crm.campaign.cost",
                    "file": content.replace(",120\n", f",{actual}\n").encode(),
                    "file_type": "text/csv",
                    "file_name": "costs.csv",
                }
            )
            columns = content.partition("\n")[0].split(",")
            options = {"quoting": '"', "separator": ",", "has_headers": True}
            result = wizard.execute_import(columns, columns, options)
            self.assertFalse(result["messages"])
        self.assertRecordValues(
            self.env["crm.campaign.cost"].search(
                [("campaign_id", "=", self.campaign.id)], order="date"
            ),
            [
                {"name": "Flyer", "kind": "print", "planned": 300, "actual": 280.5},
                {"name": "Banner", "kind": "media", "planned": 100, "actual": 130},
            ],
        )

    def test_who_may_do_what(self):
        cost = self._create_cost(self.user, 10)
        with self.assertRaises(AccessError):
            cost.unlink()
        other = self.env["res.company"].create({"name": "Other"})
        self.user.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        with self.assertRaises(AccessError):
            cost.read(["actual"])
        cost.with_user(self.manager).unlink()
        salesman = self.env["crm.campaign.cost"].with_user(
            self.env.ref("base.public_user")
        )
        self.assertFalse(salesman.has_access("read"))

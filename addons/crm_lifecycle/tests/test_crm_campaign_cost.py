from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
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

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase

TARGETS = 1_000
PRICE, COST = 100, 30


@tagged("post_install", "-at_install")
class TestCampaignFromPlanToMoney(LifecycleCase):
    """One campaign from its budget to what it truly earned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.standard_price = COST
        cls.targets = (
            cls.env["res.partner"]
            .with_context(tracking_disable=True)
            .create([{"name": f"Target {number}"} for number in range(TARGETS)])
        )
        segment = cls.env["crm.segment"].create({"name": "Targets", "kind": "static"})
        cls.env["crm.segment.member"].create(
            [
                {"segment_id": segment.id, "partner_id": target.id}
                for target in cls.targets
            ]
        )
        cls.marketer = new_test_user(
            cls.env,
            "campaign_marketer",
            "crm_lifecycle.crm_lifecycle_group_user,"
            "mass_mailing.group_mass_mailing_user",
        )
        cls.campaign = (
            cls.env["utm.campaign"]
            .with_user(cls.marketer)
            .create(
                {
                    "title": "Letters to a thousand",
                    "budget": 1000,
                    "control_share": 10,
                    "segment_ids": [Command.set(segment.ids)],
                    "cost_ids": [
                        Command.create(
                            {"name": "Letters", "kind": "print", "planned": 800}
                        )
                    ],
                }
            )
        )

    def _bill(self, amount):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self._create_customer("Printer").id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Letters", "price_unit": amount, "tax_ids": False}
                    )
                ],
            }
        )
        bill.action_post()
        return bill

    def _credit(self, invoice):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        refund = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        refund.action_post()

    def test_a_thousand_targets_twelve_paid_one_credited(self):
        campaign = self.campaign
        campaign.action_start()
        control = campaign.member_ids.filtered("is_control").partner_id
        self.assertAlmostEqual(len(control), TARGETS / 10, delta=35)
        contacted = self.targets - control

        campaign.sudo().cost_ids.bill_line_id = self._bill(800).invoice_line_ids
        invoices = [
            self._invoice(
                self._create_order(target, PRICE, campaign_id=campaign.id), paid=True
            )
            for target in contacted[:12]
        ]
        self._credit(invoices[0])
        self.env.invalidate_all()

        self.assertEqual(campaign.actual_cost, 800)
        self.assertEqual(campaign.order_count, 12)
        self.assertEqual(campaign.paid_order_count, 11, "net of the one credited")
        self.assertEqual(campaign.paid_revenue, 11 * PRICE)
        self.assertEqual(campaign.paid_margin, 11 * (PRICE - COST))
        roi = 100 * (campaign.paid_margin - 800) / 800
        self.assertAlmostEqual(campaign.roi, roi, 2)
        self.assertAlmostEqual(campaign.uplift, 100 * 12 / len(contacted), 2)
        self.assertLess(campaign.uplift_low, campaign.uplift)
        self.assertGreater(campaign.uplift_high, campaign.uplift)
        # Twelve of nine hundred against none of a hundred prove nothing yet.
        self.assertLess(campaign.uplift_low, 0)
        self.assertIn("may be chance", campaign.effect_note)

        stages = {stage["name"]: stage for stage in campaign.funnel}
        self.assertEqual(stages["paid_order_count"]["count"], 11)
        self.assertAlmostEqual(stages["paid_order_count"]["cost"], 800 / 11, 2)

    def test_overspending_asks_for_approval(self):
        campaign = self.campaign
        campaign.action_start()
        campaign.sudo().cost_ids.bill_line_id = self._bill(800).invoice_line_ids
        self.assertFalse(campaign.needs_approval)
        costs = self.env["crm.campaign.cost"].with_user(self.marketer)
        stamps = {"campaign_id": campaign.id, "name": "Stamps"}
        with self.assertRaises(UserError) as caught:
            costs.create({**stamps, "actual": 300})
        self.assertIn("Ask for Approval", str(caught.exception))
        cost = costs.create({**stamps, "planned": 300})
        self.assertTrue(campaign.needs_approval)
        self.assertIn("1,100", campaign.approval_note)
        campaign.action_ask_approval()
        self.assertIn(self.manager, campaign.sudo().activity_ids.user_id)
        campaign.with_user(self.manager).action_approve()
        cost.actual = 300
        self.assertEqual(campaign.actual_cost, 1100)
        self.assertFalse(campaign.needs_approval)

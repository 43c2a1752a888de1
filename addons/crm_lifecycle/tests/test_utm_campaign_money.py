from odoo import Command
from odoo.tests import tagged

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestUtmCampaignMoney(CampaignCase):
    """What a campaign earned, in invoices and payments."""

    def _sell(self, partner, amount=100, paid=True):
        order = self._create_order(partner, amount, campaign_id=self.campaign.id)
        return self._invoice(order, paid=paid)

    def _bill(self, amount):
        vendor = self._create_customer("Printer")
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": vendor.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [
                    Command.create({"name": "Letters", "price_unit": amount})
                ],
            }
        )
        bill.invoice_line_ids.tax_ids = False
        bill.action_post()
        return bill.invoice_line_ids

    def _credit(self, invoice):
        reversal = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard = reversal.create({"journal_id": invoice.journal_id.id})
        action = wizard.refund_moves()
        refund = self.env["account.move"].browse(action["res_id"])
        refund.action_post()
        return refund

    def test_paid_orders_less_credit_notes_at_margin(self):
        """Cost 800 by a vendor bill, 12 orders paid, 1 of them credited: 11 count."""
        self.product.standard_price = 30
        self.campaign.budget = 1000
        self.campaign.action_start()
        self.env["crm.campaign.cost"].create(
            {
                "campaign_id": self.campaign.id,
                "name": "Letters",
                "planned": 700,
                "bill_line_id": self._bill(800).id,
            }
        )
        invoices = [self._sell(member) for member in self.members[:12]]
        self._credit(invoices[0])
        self._sell(self.members[12], paid=False)
        self.assertRecordValues(
            self.campaign,
            [
                {
                    "actual_cost": 800,
                    "order_count": 13,
                    "order_revenue": 1300,
                    "invoiced_revenue": 1200,
                    "paid_order_count": 11,
                    "paid_revenue": 1100,
                    "paid_margin": 770,
                    "roi": -3.75,
                    "cost_per_order": 61.54,
                }
            ],
        )

    def test_half_paid_invoice_counts_half(self):
        self.campaign.action_start()
        invoice = self._sell(self.members[0], paid=False)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": 50}).action_create_payments()
        self.assertEqual(self.campaign.paid_revenue, 50)
        self.assertEqual(self.campaign.invoiced_revenue, 100)

from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestUtmCampaign(CampaignCase):
    """Campaigns and what is in stock."""

    def test_campaign_pauses_when_its_offer_is_sold_out(self):
        self.product.is_storable = True
        location = self.env["stock.warehouse"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )
        self.env["stock.quant"]._update_available_quantity(
            self.product, location.lot_stock_id, 1
        )
        self.campaign.write(
            {
                "offer_product_ids": [Command.set(self.product.ids)],
                "stop_on_stock": True,
            }
        )
        self.campaign.action_start()
        mailing = self._create_mailing()
        mailing.action_put_in_queue()
        self.campaign._control()
        self.assertEqual(self.campaign.state, "running")
        self._create_order()
        self.env.invalidate_all()
        self.campaign._control()
        self.assertEqual(self.campaign.state, "paused")
        self.assertIn(self.product.name, self.campaign.pause_reason)
        self.assertEqual(mailing.state, "draft", "nothing more is sent")

    def test_without_the_rule_it_goes_on(self):
        self.product.is_storable = True
        self.campaign.offer_product_ids = self.product
        self.campaign.action_start()
        self.campaign._control()
        self.assertEqual(self.campaign.state, "running")

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestCrmCampaignTarget(CampaignCase):
    def test_a_target_shows_how_much_of_it_is_reached(self):
        orders, revenue = self.env["crm.campaign.target"].create(
            [
                {"campaign_id": self.campaign.id, "figure": "order_count", "target": 4},
                {
                    "campaign_id": self.campaign.id,
                    "figure": "order_revenue",
                    "target": 500,
                },
            ]
        )
        self._create_order(amount=600, campaign_id=self.campaign.id)
        self.assertRecordValues(
            orders | revenue,
            [
                {"actual": 1, "achievement": 25},
                {"actual": 600, "achievement": 120},
            ],
        )

    @mute_logger("odoo.sql_db")
    def test_one_target_per_figure(self):
        values = {"campaign_id": self.campaign.id, "figure": "lead_count", "target": 4}
        self.env["crm.campaign.target"].create(values)
        with self.assertRaises(psycopg2.IntegrityError):
            self.env["crm.campaign.target"].create(values)

    def test_copying_a_campaign_copies_its_targets_and_not_its_progress(self):
        self.env["crm.campaign.target"].create(
            {"campaign_id": self.campaign.id, "figure": "lead_count", "target": 4}
        )
        self.campaign.action_start()
        copy = self.campaign.copy({"title": "Again"})
        self.assertEqual(copy.target_ids.mapped("figure"), ["lead_count"])
        self.assertEqual(copy.state, "plan")
        self.assertFalse(copy.member_ids)
        self.assertNotEqual(copy.response_token, self.campaign.response_token)

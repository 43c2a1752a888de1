from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestUtmCampaignPlan(CampaignCase):
    """What a plan says of the past and of other campaigns."""

    def test_first_campaign_is_told_what_its_audience_buys_anyway(self):
        self.env["crm.campaign.member"].search([]).unlink()
        for member in self.members[:4]:
            self._create_order(member, amount=200, days_ago=5)
        self._create_order(self.members[5], days_ago=40)
        self.campaign.control_share = 50
        self.campaign.action_estimate()
        self.assertEqual(self.campaign.expected_order_count, 2)
        self.assertEqual(self.campaign.expected_revenue, 400)
        self.assertIn("30 days without a campaign", self.campaign.expectation_note)

    def test_estimate_from_past_campaigns(self):
        self.env["crm.campaign.member"].search([]).unlink()
        past = self.campaign.copy({"title": "Last spring"})
        past.action_start()
        for member in self.members[:10]:
            self._create_order(member, amount=200)
        past.action_done()
        self._run_pipeline()
        self.campaign.action_estimate()
        # 10 of 40 bought, and the same 40 are asked again.
        self.assertAlmostEqual(self.campaign.expected_order_count, 10, delta=2)
        self.assertAlmostEqual(self.campaign.expected_revenue, 2000, delta=400)
        self.assertIn("1 past campaigns with 40", self.campaign.expectation_note)

    def test_customers_like_those_who_bought_are_expected_to(self):
        self.env["crm.campaign.member"].search([]).unlink()
        past = self.campaign.copy({"title": "Last spring"})
        past.action_start()
        for member in self.members[:20]:
            self._create_order(member)
        past.action_done()
        self._run_pipeline()
        buyers = self._create_segment("Buyers", self.members[:20])
        others = self._create_segment("Others", self.members[20:])
        estimates = []
        for segment in (buyers, others):
            self.campaign.segment_ids = segment
            self.campaign.action_estimate()
            estimates.append(self.campaign.expected_order_count)
        self.assertGreater(estimates[0], estimates[1])

    def test_overlap_with_campaigns_of_the_same_time(self):
        today = fields.Date.today()
        dates = {"date_start": today, "date_end": today + timedelta(days=9)}
        self.campaign.write(dates)
        few = self._create_segment("Few", self.members[:2])
        half = self._create_segment("Half", self.members[:20])
        stranger = self._create_segment("Stranger", self.customer)
        campaigns = self.env["utm.campaign"]
        campaigns.create(
            [
                {"title": title, "segment_ids": [Command.set(segment.ids)], **when}
                for title, segment, when in (
                    ("Few now", few, dates),
                    ("Half now", half, dates),
                    ("Stranger now", stranger, dates),
                    (
                        "Half later",
                        half,
                        {
                            "date_start": today + timedelta(days=10),
                            "date_end": today + timedelta(days=20),
                        },
                    ),
                )
            ]
        )
        self.campaign.action_check_overlap()
        note = self.campaign.overlap_note
        self.assertIn("20 customers are also in the audience of Half now", note)
        self.assertIn("2 customers are also in the audience of Few now", note)
        self.assertNotIn("Stranger", note)
        self.assertNotIn("later", note)

from odoo import Command
from odoo.tests import tagged

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestCrmCampaignReport(CampaignCase):
    def _read_counts(self, user=None):
        report = self.env["crm.campaign.report"].with_user(user or self.user)
        rows = report._read_group(
            [("campaign_id", "=", self.campaign.id)],
            ["kind", "is_control"],
            ["fact_count:sum", "revenue:sum"],
        )
        return {(kind, control): tuple(sums) for kind, control, *sums in rows}

    def test_facts_by_kind_agree_with_the_campaign(self):
        mailing = self._create_mailing()
        mailing.action_send_mail()
        mailing.mailing_trace_ids.set_sent()
        mailing.mailing_trace_ids[:9].set_opened()
        mailing.mailing_trace_ids[:4].set_clicked()
        self.env["crm.lead"].create({"name": "A", "campaign_id": self.campaign.id})
        self._create_order(self.members[0], 250, campaign_id=self.campaign.id)
        self.assertEqual(
            self._read_counts(),
            {
                ("sent", False): (40, 0),
                ("opened", False): (9, 0),
                ("clicked", False): (4, 0),
                ("lead", False): (1, 0),
                ("order", False): (1, 250),
            },
        )
        self.assertEqual(self.campaign.sent_count, 40)

    def test_what_the_control_group_does_is_told_apart(self):
        self.campaign.control_share = 50
        self.campaign.action_start()
        control = self.campaign.member_ids.filtered("is_control").partner_id
        contact = self._create_customer(
            "Eve", parent_id=control[0].id, is_company=False
        )
        self._create_order(contact, 70, campaign_id=self.campaign.id)
        self._create_order(
            (self.members - control)[0], 30, campaign_id=self.campaign.id
        )
        self.assertEqual(
            self._read_counts(), {("order", True): (1, 70), ("order", False): (1, 30)}
        )

    def test_another_company_s_facts_are_not_seen(self):
        self._create_order(self.members[0], campaign_id=self.campaign.id)
        other = self.env["res.company"].create({"name": "Other"})
        self.user.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        self.assertFalse(self._read_counts())

    def test_facts_by_mailing_channel_and_segment(self):
        first, second = self._create_mailing(), self._create_mailing(subject="Other")
        for mailing in (first, second):
            mailing.action_send_mail()
        first.mailing_trace_ids.set_sent()
        second.mailing_trace_ids[:3].set_sent()
        report = self.env["crm.campaign.report"].with_user(self.user)
        domain = [("campaign_id", "=", self.campaign.id), ("kind", "=", "sent")]
        rows = report._read_group(
            domain, ["mailing_id", "channel", "segment_id"], ["fact_count:sum"]
        )
        counts = {mailing.id: (*key, count) for mailing, *key, count in rows}
        self.assertEqual(counts[first.id], ("mail", self.segment, 40))
        self.assertEqual(counts[second.id], ("mail", self.segment, 3))

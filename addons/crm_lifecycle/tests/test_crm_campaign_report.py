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
        self.env["crm.lead"].create(
            {"name": "A", "campaign_id": self.campaign.id, "type": "lead"}
        )
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

    def test_money_by_mailing_agrees_with_the_campaign(self):
        """Orders, invoices and payments count for the mailing that came before."""
        mailings = self._create_mailing(), self._create_mailing(subject="Other")
        for mailing, recipients in zip(
            mailings, (self.members[:20], self.members[20:]), strict=True
        ):
            mailing.mailing_domain = repr([("id", "in", recipients.ids)])
            mailing.action_send_mail()
            mailing.mailing_trace_ids.set_sent()
        for member, amount, paid in (
            (self.members[0], 100, True),
            (self.members[1], 50, False),
            (self.members[30], 70, True),
        ):
            order = self._create_order(member, amount, campaign_id=self.campaign.id)
            self._invoice(order, paid=paid)
        self.env["crm.lead"].create(
            {
                "name": "A",
                "campaign_id": self.campaign.id,
                "type": "opportunity",
                "partner_id": self.members[0].id,
            }
        )
        report = self.env["crm.campaign.report"].with_user(self.user)
        rows = report._read_group(
            [
                ("campaign_id", "=", self.campaign.id),
                ("kind", "in", ("order", "invoice", "paid")),
            ],
            ["mailing_id"],
            ["revenue:sum", "invoiced:sum", "paid:sum"],
        )
        money = {mailing: tuple(sums) for mailing, *sums in rows}
        self.assertEqual(
            money, {mailings[0]: (150, 150, 100), mailings[1]: (70, 70, 70)}
        )
        self.assertEqual(
            (self.campaign.invoiced_revenue, self.campaign.paid_revenue), (220, 170)
        )
        counts = self._read_counts()
        self.assertEqual(counts["opportunity", False], (1, 0))
        self.assertEqual(counts["invoice", False], (3, 0))
        self.assertEqual(counts["paid", False], (2, 0))

    def test_funnel_tells_share_and_cost_of_each(self):
        mailing = self._create_mailing()
        mailing.action_send_mail()
        mailing.mailing_trace_ids.set_sent()
        mailing.mailing_trace_ids[:10].set_opened()
        mailing.mailing_trace_ids[:5].set_clicked()
        for member in self.members[:2]:
            order = self._create_order(member, campaign_id=self.campaign.id)
            self._invoice(order, paid=True)
        self.env["crm.campaign.cost"].create(
            {"campaign_id": self.campaign.id, "name": "Print", "actual": 80}
        )
        campaign = self.campaign.with_user(self.user)
        stages = {
            stage["name"]: (stage["count"], stage["share"], stage["cost"])
            for stage in campaign.funnel
        }
        self.assertEqual(stages["sent_count"], (40, None, 2))
        self.assertEqual(stages["delivered_count"], (40, 1, 2))
        self.assertEqual(stages["opened_count"], (10, 0.25, 8))
        self.assertEqual(stages["clicked_count"], (5, 0.5, 16))
        self.assertEqual(stages["lead_count"], (0, None, None))
        self.assertEqual(stages["order_count"], (2, None, 40))
        self.assertEqual(stages["invoice_count"], (2, 1, 40))
        self.assertEqual(stages["paid_order_count"], (2, 1, 40))
        action = campaign.action_open_stage("order")
        facts = self.env["crm.campaign.report"].search(action["domain"])
        self.assertEqual(facts.mapped("kind"), ["order"] * 2)

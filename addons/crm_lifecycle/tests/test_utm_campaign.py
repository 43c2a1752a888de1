import hashlib

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestUtmCampaign(CampaignCase):
    def _draw_control(self):
        return self.campaign.member_ids.filtered("is_control").partner_id

    def test_starting_draws_the_audience(self):
        self.campaign.with_user(self.user).action_start()
        self.assertEqual(self.campaign.state, "running")
        self.assertEqual(self.campaign.member_ids.partner_id, self.members)
        self.assertEqual(self.campaign.member_count, 40)
        self.assertEqual(self.campaign.control_count, 0)

    def test_control_group_is_the_same_however_often_it_is_drawn(self):
        self.campaign.control_share = 25
        self.campaign.action_draw_audience()
        control = self._draw_control()
        expected = self.members.filtered(
            lambda partner: int(
                hashlib.md5(f"{self.campaign.id}:{partner.id}".encode()).hexdigest()[
                    :8
                ],
                16,
            )
            < 0.25 * 2**32
        )
        self.assertEqual(control, expected)
        self.assertTrue(0 < len(control) < 20)
        self.campaign.action_start()
        self.assertEqual(self._draw_control(), control)

    def test_two_campaigns_have_different_control_groups(self):
        self.campaign.control_share = 50
        other = self.campaign.copy({"title": "Summer"})
        (self.campaign | other).action_start()
        self.assertNotEqual(
            self._draw_control(), other.member_ids.filtered("is_control").partner_id
        )

    def test_control_group_is_fixed_once_the_campaign_runs(self):
        self.campaign.control_share = 25
        self.campaign.action_start()
        with self.assertRaises(UserError):
            self.campaign.with_user(self.manager).control_share = 50

    def test_excluded_segments_and_later_members(self):
        excluded = self._create_segment("Complaining", self.members[:5])
        self.campaign.excluded_segment_ids = excluded
        self.campaign.action_start()
        self.assertEqual(self.campaign.member_ids.partner_id, self.members[5:])
        newcomer = self._create_customer("Newcomer")
        self.env["crm.segment.member"].create(
            {"segment_id": self.segment.id, "partner_id": newcomer.id}
        )
        self.segment.member_ids.filtered(
            lambda member: member.partner_id == self.members[39]
        ).action_leave()
        self.campaign.action_draw_audience()
        # Who was addressed stays in the audience, or results couldn't be compared.
        self.assertEqual(
            self.campaign.member_ids.partner_id, self.members[5:] | newcomer
        )

    def test_audience_tells_who_has_not_agreed(self):
        self._decide(self.members[:3], granted=False)
        self.campaign.action_start()
        refused = self.campaign.member_ids.filtered(
            lambda member: not member.is_allowed
        )
        self.assertEqual(refused.partner_id, self.members[:3])
        self.assertEqual(self.campaign.unreachable_count, 3)

    def test_only_members_in_the_campaign_s_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        segment = self.env["crm.segment"].create(
            {"name": "All", "kind": "static", "company_id": False}
        )
        self.env["crm.segment.member"].create(
            [
                {"segment_id": segment.id, "partner_id": self.members[0].id},
                {
                    "segment_id": segment.id,
                    "partner_id": self.members[1].id,
                    "company_id": other.id,
                },
            ]
        )
        self.campaign.segment_ids = segment
        self.campaign.action_start()
        self.assertEqual(self.campaign.member_ids.partner_id, self.members[0])

    def test_budget_is_the_manager_s_once_the_campaign_runs(self):
        self.campaign.with_user(self.user).budget = 100
        self.campaign.action_start()
        with self.assertRaises(UserError):
            self.campaign.with_user(self.user).budget = 1000
        self.campaign.with_user(self.manager).budget = 1000
        self.assertEqual(self.campaign.budget, 1000)

    def test_only_a_manager_goes_back_to_the_plan(self):
        self.campaign.action_start()
        with self.assertRaises(UserError):
            self.campaign.with_user(self.user).action_plan()
        self.campaign.with_user(self.manager).action_plan()
        self.assertEqual(self.campaign.state, "plan")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_other_employees_see_no_figures_and_start_nothing(self):
        employee = new_test_user(self.env, "employee", groups="base.group_user")
        campaign = self.campaign.with_user(employee)
        self.assertEqual(campaign.title, "Spring")
        for name in ("budget", "segment_ids", "order_revenue", "response_token"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                campaign.read([name])
        for act in (campaign.action_start, campaign.action_draw_audience):
            with self.subTest(act=act.__name__), self.assertRaises(AccessError):
                act()
        with self.assertRaises(AccessError):
            campaign.write({"state": "running"})
        for model in (
            "crm.campaign.cost",
            "crm.campaign.member",
            "crm.campaign.report",
            "crm.campaign.target",
        ):
            self.assertFalse(self.env[model].with_user(employee).has_access("read"))

    def test_any_employee_makes_a_campaign_as_in_stock(self):
        employee = new_test_user(self.env, "employee", groups="base.group_user")
        campaign = self.env["utm.campaign"].with_user(employee).create({"title": "New"})
        campaign.title = "Newer"
        self.assertTrue(campaign.sudo().response_token)
        with Form(campaign) as form:
            form.title = "Newest"

    def test_users_of_the_app_open_the_form_whatever_else_they_may(self):
        self.campaign.action_start()
        for user in (self.user, self.salesman, self.manager):
            with (
                self.subTest(user=user.login),
                Form(self.campaign.with_user(user)) as form,
            ):
                form.objective = "retain"

    def test_nobody_changes_the_audience_by_hand(self):
        self.campaign.action_start()
        for user in (self.user, self.manager):
            members = self.campaign.member_ids.with_user(user)
            self.assertEqual(len(members), 40)
            for operation in ("create", "write", "unlink"):
                self.assertFalse(members.has_access(operation))

    def test_audience_of_another_company_is_not_seen(self):
        self.campaign.action_start()
        other = self.env["res.company"].create({"name": "Other"})
        self.user.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        members = self.env["crm.campaign.member"].with_user(self.user)
        self.assertFalse(members.search([("campaign_id", "=", self.campaign.id)]))


@tagged("post_install", "-at_install")
class TestUtmCampaignFigures(CampaignCase):
    def test_figures_of_several_campaigns_at_once(self):
        other = self.env["utm.campaign"].create({"title": "Summer"})
        self._create_order(amount=1000, campaign_id=self.campaign.id)
        self._create_order(amount=500, campaign_id=self.campaign.id, confirm=False)
        self._create_order(amount=70, campaign_id=other.id)
        self.env["crm.lead"].create(
            [
                {
                    "name": "A",
                    "email_from": "a@x.example",
                    "campaign_id": self.campaign.id,
                },
                {
                    "name": "A2",
                    "email_from": "A@x.example",
                    "campaign_id": self.campaign.id,
                },
                {"name": "B", "campaign_id": self.campaign.id},
            ]
        )
        self.env["crm.campaign.cost"].create(
            {"campaign_id": self.campaign.id, "name": "Print", "actual": 400}
        )
        self.assertRecordValues(
            self.campaign | other,
            [
                {
                    "order_count": 1,
                    "order_revenue": 1000,
                    "lead_count": 3,
                    "response_count": 2,
                    "roi": -100,
                },
                {
                    "order_count": 1,
                    "order_revenue": 70,
                    "lead_count": 0,
                    "response_count": 0,
                    "roi": 0,
                },
            ],
        )
        self.assertAlmostEqual(self.campaign.cost_per_lead, 133.33)

    def test_orders_in_another_currency_count_in_the_campaign_s(self):
        currency = self.env["res.currency"].create(
            {
                "name": "XTC",
                "symbol": "X",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 4})],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "X", "currency_id": currency.id}
        )
        self._create_order(
            amount=400, campaign_id=self.campaign.id, pricelist_id=pricelist.id
        )
        self.assertAlmostEqual(self.campaign.order_revenue, 100)

    def test_mailing_figures_follow_the_traces(self):
        mailing = self._create_mailing()
        mailing.action_send_mail()
        traces = mailing.mailing_trace_ids
        traces.set_sent()
        traces[:20].set_opened()
        traces[:5].set_clicked()
        traces[:2].set_replied()
        traces[39:].set_bounced()
        self.assertRecordValues(
            self.campaign,
            [
                {
                    "sent_count": 40,
                    "delivered_count": 39,
                    "opened_count": 20,
                    "clicked_count": 5,
                    "response_count": 2,
                }
            ],
        )

    def test_number_of_queries_does_not_grow_with_the_campaigns(self):
        campaigns = self.env["utm.campaign"].create(
            [{"title": f"Campaign {number}"} for number in range(30)]
        )
        names = ["sent_count", "response_count", "lead_count", "order_revenue"]
        campaigns[:1].read(names)
        self.env.invalidate_all()
        self.env.cr.flush()
        before = self.env.cr.sql_log_count
        campaigns[1:3].read(names)
        few = self.env.cr.sql_log_count - before
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        campaigns.read(names)
        self.assertLessEqual(self.env.cr.sql_log_count - before, few)

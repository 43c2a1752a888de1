from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestUtmCampaignControl(CampaignCase):
    """A campaign costs what was approved, and stops when its rules say so."""

    def _spend(self, amount, **values):
        return self.env["crm.campaign.cost"].create(
            {
                "campaign_id": self.campaign.id,
                "name": "Print",
                "actual": amount,
                **values,
            }
        )

    def _get_activities(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "utm.campaign"), ("res_id", "=", self.campaign.id)]
        )

    def test_large_budget_starts_once_approved(self):
        self.env.company.crm_campaign_approval_amount = 500
        self.campaign.budget = 1000
        as_user = self.campaign.with_user(self.user)
        with self.assertRaisesRegex(UserError, "manager has to approve"):
            as_user.action_start()
        as_user.action_ask_approval()
        as_user.action_ask_approval()
        activities = self._get_activities()
        self.assertIn(self.manager, activities.user_id)
        self.assertEqual(len(activities), len(activities.user_id), "asked once each")
        with self.assertRaisesRegex(UserError, "Only managers"):
            as_user.action_approve()
        self.campaign.with_user(self.manager).action_approve()
        self.assertEqual(self.campaign.approved_amount, 1000)
        self.assertEqual(self.campaign.approved_by_id, self.manager)
        self.assertFalse(self._get_activities())
        as_user.action_start()
        self.assertEqual(self.campaign.state, "running")

    def test_more_than_approved_asks_again(self):
        self.env.company.crm_campaign_approval_amount = 500
        self.campaign.budget = 1000
        self.campaign.with_user(self.manager).action_approve()
        self.campaign.action_start()
        self._spend(0, planned=300)
        self._spend(800)
        self.assertEqual(self.campaign.committed_cost, 1100)
        self.assertTrue(self.campaign.needs_approval)
        self.campaign._control()
        self.assertIn(self.manager, self._get_activities().user_id)
        self.assertEqual(self.campaign.state, "running")

    def test_spent_budget_pauses_everything(self):
        self.campaign.write({"budget": 100, "stop_on_budget": True})
        self.campaign.action_start()
        mailing = self._create_mailing()
        mailing.action_put_in_queue()
        journey = self.env["crm.journey"].create(
            {"name": "Way", "campaign_id": self.campaign.id, "trigger": "manual"}
        )
        journey.state = "running"
        self.campaign._control()
        self.assertEqual(self.campaign.state, "running")
        self._spend(100)
        self.campaign._control()
        self.assertEqual(self.campaign.state, "paused")
        self.assertEqual(self.campaign.pause_reason, "The budget is spent.")
        self.assertEqual(mailing.state, "draft")
        self.assertEqual(journey.state, "paused")
        self.assertEqual(len(self._get_activities()), 1)
        with self.assertRaisesRegex(UserError, "is paused"):
            mailing.action_put_in_queue()
        with self.assertRaisesRegex(UserError, "is paused"):
            mailing.action_send_mail()

    def test_resumed_campaign_goes_on(self):
        self.campaign.action_start()
        waiting = self._create_mailing()
        waiting.action_put_in_queue()
        draft = self._create_mailing(subject="Not yet")
        self.campaign.action_pause()
        self.campaign.action_resume()
        self.assertEqual(self.campaign.state, "running")
        self.assertEqual(waiting.state, "in_queue")
        self.assertEqual(draft.state, "draft")

    def test_ends_after_its_last_day(self):
        today = fields.Date.today()
        self.campaign.date_end = today
        self.campaign.action_start()
        self.campaign._control()
        self.assertEqual(self.campaign.state, "running")
        self.campaign.date_end = today - timedelta(days=1)
        self.campaign._control()
        self.assertEqual(self.campaign.state, "done")

    def test_pace(self):
        today = fields.Date.today()
        self.campaign.write(
            {
                "date_start": today - timedelta(days=4),
                "date_end": today + timedelta(days=5),
                "target_ids": [
                    Command.create({"figure": "order_count", "target": 10}),
                    Command.create({"figure": "lead_count", "target": 1}),
                ],
            }
        )
        self.campaign.action_start()
        self.env["crm.lead"].create({"name": "A", "campaign_id": self.campaign.id})
        self._create_order(campaign_id=self.campaign.id)
        self.env.invalidate_all()
        # Half of the time has passed: 5 orders and half a lead were due.
        self.assertIn("1 of 5", self.campaign.pace_note)
        self.assertNotIn("Leads", self.campaign.pace_note)
        for _order in range(3):
            self._create_order(campaign_id=self.campaign.id)
        self.env.invalidate_all()
        self.assertFalse(self.campaign.pace_note)

    def test_many_who_unsubscribe_pause_it(self):
        self.campaign.stop_unsubscribe_rate = 2
        self.campaign.action_start()
        mailing = self._create_mailing()
        self.env["mailing.trace"].create(
            [
                {
                    "mass_mailing_id": mailing.id,
                    "campaign_id": self.campaign.id,
                    "model": "res.partner",
                    "res_id": self.members[number % 40].id,
                    "email": f"{number}@example.com",
                    "trace_status": "sent",
                    "sent_datetime": fields.Datetime.now(),
                }
                for number in range(100)
            ]
        )
        for member in self.members[:2]:
            mailing._withdraw_consent(member.email)
        self.campaign._control()
        self.assertEqual(self.campaign.state, "running", "2 of 100 are not above 2 %")
        mailing._withdraw_consent(self.members[2].email)
        self.env.invalidate_all()
        self.campaign._control()
        self.assertEqual(self.campaign.state, "paused")
        self.assertIn("3.0 % unsubscribed", self.campaign.pause_reason)

    def test_new_members_of_the_segments_join_while_it_runs(self):
        self.campaign.control_share = 50
        self.campaign.action_start()
        self.assertEqual(self.campaign.member_count, 40)
        late = self.env["res.partner"].create([{"name": f"L{n}"} for n in range(20)])
        self.env["crm.segment.member"].create(
            [{"segment_id": self.segment.id, "partner_id": each.id} for each in late]
        )
        self.campaign._control()
        self.campaign.invalidate_recordset()
        self.assertEqual(self.campaign.member_count, 60)
        control = self.campaign.member_ids.filtered("is_control").partner_id
        self.assertTrue(control & late, "they have their part of the control group")

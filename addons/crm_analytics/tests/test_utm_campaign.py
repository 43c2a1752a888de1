from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestUtmCampaign(CampaignCase):
    """What a campaign changed, and which orders are owed to it."""

    # ------------------------------------------------------------
    # Effect
    # ------------------------------------------------------------

    def test_effect_against_the_control_group(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Target {number}"} for number in range(200)]
        )
        self.campaign.segment_ids = self._create_segment("Targets", customers)
        self.campaign.control_share = 30
        self.campaign.action_start()
        members = self.campaign.member_ids
        control = members.filtered("is_control").partner_id
        contacted = members.partner_id - control
        for partner in contacted[:40] | control[:3]:
            self._create_order(partner, amount=100)
        # An order from before the campaign says nothing of it.
        self._create_order(control[5], days_ago=10)
        rate = 40 / len(contacted)
        control_rate = 3 / len(control)
        self.assertEqual(self.campaign.contacted_size, len(contacted))
        self.assertEqual(self.campaign.control_size, len(control))
        self.assertAlmostEqual(self.campaign.uplift, 100 * (rate - control_rate), 2)
        self.assertGreater(self.campaign.uplift_low, 0)
        self.assertLess(self.campaign.uplift_high, 50)
        self.assertAlmostEqual(
            self.campaign.incremental_buyers,
            40 - len(contacted) * control_rate,
            delta=0.1,
        )
        self.assertAlmostEqual(
            self.campaign.incremental_revenue,
            100 * (40 - len(contacted) * control_rate),
            delta=1,
        )
        self.assertIn("buy who would not", self.campaign.effect_note)

    def test_without_a_control_group_nothing_is_claimed(self):
        self.campaign.action_start()
        self._create_order(self.members[0])
        self.assertEqual(self.campaign.uplift, 0)
        self.assertEqual(self.campaign.incremental_revenue, 0)
        self.assertIn("Without a control group", self.campaign.effect_note)

    def test_small_differences_may_be_chance(self):
        self.campaign.control_share = 50
        self.campaign.action_start()
        contacted = self.campaign.member_ids.filtered(
            lambda member: not member.is_control
        )
        self._create_order(contacted[0].partner_id)
        self.assertIn("may be chance", self.campaign.effect_note)

    # ------------------------------------------------------------
    # Attribution
    # ------------------------------------------------------------

    def _touch(self, days_ago, partner=None, campaign=None):
        """Let a customer click a mailing of the campaign, so many days ago."""
        partner = partner or self.members[0]
        campaign = campaign or self.campaign
        mailing = self._create_mailing(campaign_id=campaign.id)
        date = fields.Datetime.now() - timedelta(days=days_ago)
        trace = self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "campaign_id": campaign.id,
                "model": "res.partner",
                "res_id": partner.id,
                "email": partner.email,
                "trace_status": "open",
                "sent_datetime": date,
                "crm_click_date": date,
                "links_click_datetime": date,
            }
        )
        clicked = self.env.ref("crm_lifecycle.crm_customer_event_type_mailing_clicked")
        clicked._insert_events(Domain("id", "=", trace.id))
        return trace

    def _attribute(self, model, campaign=None):
        campaign = campaign or self.campaign
        campaign.attribution_model = model
        campaign.action_attribute()
        campaign.invalidate_recordset()
        credits = campaign.credit_ids.sorted("position")
        return [round(credit.weight, 3) for credit in credits]

    def test_each_model_shares_the_order(self):
        for days in (21, 14, 7):
            self._touch(days)
        self._create_order(self.members[0], amount=200)
        for model, expected in (
            ("first", [1]),
            ("last", [1]),
            ("linear", [0.333, 0.333, 0.333]),
            ("position", [0.4, 0.2, 0.4]),
            ("time_decay", [0.143, 0.286, 0.571]),
            ("removal", [0.333, 0.333, 0.333]),
        ):
            with self.subTest(model):
                self.assertEqual(self._attribute(model), expected)
                self.assertAlmostEqual(self.campaign.attributed_revenue, 200, 1)
                self.assertAlmostEqual(self.campaign.attributed_orders, 1, 2)
        position = self.campaign.credit_ids
        self.assertEqual(self._attribute("first"), [1])
        self.assertEqual(self.campaign.credit_ids.position, 1)
        self.assertFalse(position.exists() - self.campaign.credit_ids)

    def test_campaigns_share_an_order_without_rest(self):
        other = self.campaign.copy({"title": "Summer"})
        self._touch(20)
        self._touch(10, campaign=other)
        self._touch(5, campaign=other)
        self._create_order(self.members[0], amount=300)
        self.assertEqual(self._attribute("linear"), [0.333])
        self.assertEqual(self._attribute("linear", other), [0.333, 0.333])
        total = self.campaign.attributed_revenue + other.attributed_revenue
        self.assertAlmostEqual(total, 300, 2)

    def test_what_would_be_missing_is_learned_from_who_bought_and_who_did_not(self):
        """Ways to an order: A alone (one customer), A then B (one). Without one: B
        alone, three times. Without A both orders are missing; B is passed by one."""
        other = self.campaign.copy({"title": "Summer"})
        self._touch(50, self.members[0])
        self._touch(50, self.members[1])
        self._touch(45, self.members[1], other)
        for member in self.members[2:5]:
            self._touch(50, member, other)
        # Too young to know, and he objects to profiling: neither counts.
        self._touch(1, self.members[5], other)
        self._touch(50, self.members[6], other)
        self.env["crm.consent"]._record(
            self.members[6], "profiling", "use", False, "Test", "No"
        )
        self._create_order(self.members[0], amount=100, days_ago=40)
        self._create_order(self.members[1], amount=100, days_ago=40)
        # Start: A 2 of 5, B 3 of 5. A: order 1/2, B 1/2. B: order 1/4, lost 3/4.
        everything = 2 / 5 * (1 / 2 + 1 / 2 * 1 / 4) + 3 / 5 * 1 / 4
        effect = 1 - 3 / 5 * 1 / 4 / everything
        other_effect = 1 - 2 / 5 * 1 / 2 / everything
        share = effect / (effect + other_effect)
        weights = self._attribute("removal")
        self.assertEqual(sorted(weights), [round(share, 3), 1])
        self.assertEqual(self._attribute("removal", other), [round(1 - share, 3)])
        self.assertAlmostEqual(self.campaign.removal_effect, 100 * effect, 1)
        self.assertAlmostEqual(other.removal_effect, 100 * other_effect, 1)
        self.assertAlmostEqual(
            self.campaign.attributed_revenue + other.attributed_revenue, 200, 2
        )

    def test_without_orders_nothing_would_be_missing(self):
        self._touch(50)
        self.assertEqual(self._attribute("removal"), [])
        self.assertEqual(self.campaign.removal_effect, 0)

    def test_only_touches_before_the_order_within_the_window(self):
        self._touch(40)
        self._touch(2)
        self._touch(2, partner=self.members[1])
        self._create_order(self.members[0], days_ago=5)
        self.assertEqual(self._attribute("linear"), [])
        self.campaign.attribution_days = 60
        self.campaign.invalidate_recordset()
        self.assertEqual(self.campaign.credit_ids.mapped("weight"), [1])

    def test_order_by_link_and_lead_are_touches(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "A",
                "partner_id": self.members[0].id,
                "campaign_id": self.campaign.id,
            }
        )
        self._create_order(self.members[0], campaign_id=self.campaign.id)
        self.assertTrue(lead)
        self.assertEqual(self._attribute("linear"), [0.5, 0.5])
        self.assertEqual(
            self.campaign.credit_ids.sorted("position").mapped("kind"),
            ["lead", "order"],
        )

    def test_cancelled_order_is_owed_to_nobody(self):
        self._touch(2)
        order = self._create_order(self.members[0])
        self.assertEqual(self._attribute("last"), [1])
        order._action_cancel()
        self.env["utm.campaign"]._cron_attribute()
        self.campaign.state = "running"
        self.env["utm.campaign"]._cron_attribute()
        self.campaign.invalidate_recordset()
        self.assertFalse(self.campaign.credit_ids)
        self.assertEqual(self.campaign.attributed_revenue, 0)

    def test_twice_is_once(self):
        self._touch(2)
        self._create_order(self.members[0], amount=80)
        self._attribute("last")
        self._attribute("last")
        self.assertEqual(self.campaign.attributed_revenue, 80)

    # ------------------------------------------------------------
    # Plan of contacts
    # ------------------------------------------------------------

    def _create_plan(self, rates=(10, 5), **values):
        self._run_pipeline()
        campaigns = self.env["utm.campaign"].create(
            [
                {
                    "title": f"Offer {rate}",
                    "segment_ids": [Command.set(self.segment.ids)],
                }
                for rate in rates
            ]
        )
        return self.env["crm.contact.plan"].create(
            {
                "name": "Autumn",
                "offer_ids": [
                    Command.create(
                        {
                            "campaign_id": campaign.id,
                            "uplift_rate": rate,
                            "order_margin": 50,
                            "contact_cost": 1,
                        }
                    )
                    for campaign, rate in zip(campaigns, rates, strict=True)
                ],
                **values,
            }
        )

    def _make_customers(self):
        for member in self.members[:20]:
            self._create_order(member)

    def test_plan_keeps_cap_and_budget(self):
        self._make_customers()
        plan = self._create_plan(cap=1, budget=12)
        plan.action_compute()
        self.assertEqual(plan.line_count, 12)
        self.assertEqual(plan.cost, 12)
        self.assertEqual(len(plan.line_ids.partner_id), 12)
        self.assertEqual(plan.line_ids.campaign_id.title, "Offer 10")
        # 10 % of 50 less the contact.
        self.assertAlmostEqual(plan.expected_margin, 12 * 4)
        self.assertGreaterEqual(plan.expected_margin, plan.plain_margin)

    def test_plan_leaves_what_costs_more_than_it_brings(self):
        self._make_customers()
        plan = self._create_plan(rates=(1.5, 10), cap=2)
        plan.action_compute()
        self.assertEqual(plan.line_count, 40)
        self.assertEqual(plan.line_ids.campaign_id.title, "Offer 10")

    def test_plan_learns_from_a_past_campaign(self):
        """Those of the first half buy because of the contact, the others don't."""
        customers = self.env["res.partner"].create(
            [{"name": f"Past {number}"} for number in range(1000)]
        )
        often = customers[:500]
        before = fields.Datetime.now() - timedelta(days=20)
        self._copy_orders([(partner.id, before, 100) for partner in often[:250]])
        past = self.env["utm.campaign"].create(
            {
                "title": "Past",
                "segment_ids": [
                    Command.set(self._create_segment("Past", customers).ids)
                ],
                "control_share": 40,
            }
        )
        past.action_start()
        control = past.member_ids.filtered("is_control").partner_id
        buyers = (often[:250] - control)[:90] | (customers & control)[:25]
        now = fields.Datetime.now()
        self._copy_orders([(partner.id, now, 100) for partner in buyers])
        past.action_done()
        self.env.flush_all()
        fitted = self.env["crm.contact.plan"]._fit_uplift(past)
        self.assertTrue(fitted)
        _model, quality = fitted
        self.assertEqual(quality.contacted + quality.control, 1000)
        plan = self._create_plan(rates=(0,))
        plan.action_compute()
        self.assertIn("Learned from", plan.offer_ids.method)
        self.assertTrue(plan.is_learned)
        self.assertLessEqual(len(plan.offer_ids.tenth_ids), 10)
        [chart] = plan.charts
        best, any_of_them = (series["values"] for series in chart["series"])
        self.assertEqual((best[0], any_of_them[0]), (0, 0))
        self.assertAlmostEqual(best[-1], 100 * quality.mean_effect, places=4)
        self.assertAlmostEqual(best[-1], any_of_them[-1])
        self.assertGreater(best[len(best) // 2], any_of_them[len(best) // 2])
        plan.offer_ids.uplift_rate = 5
        plan.action_compute()
        self.assertFalse(plan.charts, "entered, not learned")

    def test_plan_without_margin_is_refused(self):
        self._make_customers()
        plan = self._create_plan()
        plan.offer_ids[1].order_margin = 0
        with self.assertRaisesRegex(UserError, "Offer 5: enter the margin"):
            plan.action_compute()

    def test_plan_asks_consent_and_exclusions(self):
        self._make_customers()
        self._decide(self.members[:5], granted=False)
        plan = self._create_plan(rates=(10,))
        excluded = self._create_segment("Excluded", self.members[5:7])
        plan.offer_ids.campaign_id.excluded_segment_ids = excluded
        plan.action_compute()
        self.assertEqual(plan.line_ids.partner_id, self.members[7:])

    def test_applied_plan_is_the_audience(self):
        self._make_customers()
        plan = self._create_plan(cap=1, budget=5)
        plan.action_compute()
        plan.action_apply()
        campaign = plan.offer_ids[0].campaign_id
        campaign.action_start()
        self.assertEqual(campaign.member_ids.partner_id, plan.line_ids.partner_id)
        self.assertEqual(plan.state, "applied")

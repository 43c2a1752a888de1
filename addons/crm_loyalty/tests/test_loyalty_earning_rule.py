from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestLoyaltyEarningRule(LoyaltyCase):
    """Points for any customer event; here leads and orders stand for them."""

    def _create_rule(self, code="lead_created", **values):
        event_type = self.env["crm.customer.event.type"].search([("code", "=", code)])
        return self.env["loyalty.earning.rule"].create(
            {
                "name": "Thanks",
                "program_id": self.program.id,
                "event_type_id": event_type.id,
                "points": 10,
                "enrol": True,
                **values,
            }
        )

    def _create_leads(self, count=1):
        leads = self.env["crm.lead"].create(
            [{"name": "Lamps", "partner_id": self.customer.id}] * count
        )
        self.env["crm.customer.event.type"]._capture("lead_created", leads)
        return leads

    def test_an_event_is_awarded_once(self):
        rule = self._create_rule()
        self._create_leads()
        for _run in range(2):
            rule.action_award()
        card = self._get_card()
        self.assertEqual(card.points, 10)
        entry = self.ledger.search([("card_id", "=", card.id)])
        self.assertRecordValues(
            entry,
            [
                {
                    "kind": "award",
                    "qualifying_points": 10,
                    "rule_id": rule.id,
                    "res_model": "crm.lead",
                }
            ],
        )

    def test_the_limit_of_a_period(self):
        rule = self._create_rule(limit_count=2, limit_period="month")
        self._create_leads(3)
        rule.action_award()
        self._create_leads(2)
        rule.action_award()
        self.assertEqual(self._get_card().points, 20)

    def test_points_for_the_value_of_an_event(self):
        self.program.rule_ids.reward_point_amount = 0
        rule = self._create_rule("order_confirmed", points=5, points_per_value=0.5)
        self._create_order(quantity=2).action_confirm()
        rule.action_award()
        self.assertEqual(self._get_card().points, 105)

    def test_without_enrolment_only_members_earn(self):
        rule = self._create_rule(enrol=False)
        self._create_leads()
        rule.action_award()
        self.assertFalse(self._get_card())
        card = self._create_card()
        self._create_leads()
        rule.action_award()
        self.assertTrue(card.points)

    def test_events_before_the_rule_earn_nothing(self):
        self._create_leads()
        rule = self._create_rule(date_from=fields.Date.add(fields.Date.today(), days=1))
        rule.action_award()
        self.assertFalse(self._get_card())

    def test_the_card_of_a_contact_earns_for_the_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Ada's clerk", "parent_id": self.customer.id}
        )
        card = self._create_card(partner_id=contact.id)
        rule = self._create_rule()
        self._create_leads()
        rule.action_award()
        self.assertEqual(card.points, 10)

    def test_an_event_wakes_the_job(self):
        self._create_rule()
        cron = self.env.ref("crm_loyalty.ir_cron_award_events")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        triggers.unlink()
        self._create_leads()
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))

    def test_the_job_awards_all_rules_and_reaches_tiers(self):
        self._create_tiers()
        self._create_rule(points=600)
        self._create_rule("lead_created", points=1)
        self._create_leads()
        with patch.object(
            self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kw: 1.0
        ):
            self.env["loyalty.earning.rule"]._cron_award()
        card = self._get_card()
        self.assertEqual(card.points, 601)
        self.assertEqual(card.tier_id.name, "Silver")
        self.assertLedgerIsBalance(card)

    def test_points_for_points_are_refused(self):
        with self.assertRaises(ValidationError):
            self._create_rule("points_awarded")

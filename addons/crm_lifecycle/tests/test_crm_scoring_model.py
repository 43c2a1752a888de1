from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmScoringModel(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.scoring.model"].search([]).action_archive()
        cls.model = cls.env["crm.scoring.model"].create(
            {
                "name": "Test",
                "fit_a": 20,
                "fit_b": 10,
                "engagement_1": 20,
                "engagement_2": 10,
                "rule_ids": [
                    Command.create(
                        {
                            "name": "Has a phone",
                            "kind": "fit",
                            "points": 10,
                            "domain": "[('phone', '!=', False)]",
                        }
                    ),
                    Command.create(
                        {
                            "name": "Ordered",
                            "kind": "engagement",
                            "points": 16,
                            "half_life": 10,
                            "max_points": 30,
                            "event_type_id": cls.env.ref(
                                "crm_lifecycle.crm_customer_event_type_order_confirmed"
                            ).id,
                        }
                    ),
                ],
            }
        )
        cls.now = cls.env.cr.now()

    @classmethod
    def _create_lead(cls, **values):
        return cls.env["crm.lead"].create({"name": "Request", **values})

    def _score_after(self, lead, days):
        later = self.now + timedelta(days=days)
        with patch.object(self.env.cr, "now", lambda: later):
            lead.action_update_score()

    def _age_events(self, days):
        """Put the customer's events that many days before the clock of the test."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_customer_event SET date = %s WHERE partner_id = %s",
            (self.now - timedelta(days=days), self.customer.id),
        )
        self.event.invalidate_model()

    def test_a_new_lead_is_scored_at_once(self):
        lead = self._create_lead(phone="+49 30 123456")
        self.assertRecordValues(
            lead, [{"fit_score": 10, "engagement_score": 0, "lead_grade": "B3"}]
        )
        self.assertIn("Has a phone", lead.score_explanation)

    def test_engagement_is_half_at_its_half_life(self):
        self._create_order()
        self._age_events(0)
        lead = self._create_lead(partner_id=self.customer.id)
        for days, score in ((0, 16), (10, 8), (20, 4), (5, 16 * 0.5**0.5)):
            self._score_after(lead, days)
            self.assertAlmostEqual(lead.engagement_score, score, places=9)
            self.assertEqual(lead.lead_score, lead.fit_score + lead.engagement_score)

    def test_points_of_a_rule_have_their_limit_and_the_reason_counts(self):
        for _n in range(3):
            self._create_order()
        self._age_events(0)
        lead = self._create_lead(partner_id=self.customer.id)
        self._score_after(lead, 0)
        self.assertEqual(lead.engagement_score, 30)
        self.assertEqual(lead.lead_grade, "C1")
        rule = self.model.rule_ids.filtered(lambda rule: rule.kind == "engagement")
        self.assertEqual(lead.score_reasons, [[rule.id, 30, 3]])

    def test_the_events_of_the_whole_customer_count(self):
        contact = self._create_customer(
            "Eve", parent_id=self.customer.id, is_company=False
        )
        self._create_order()
        self._age_events(0)
        lead = self._create_lead(partner_id=contact.id)
        self._score_after(lead, 0)
        self.assertEqual(lead.engagement_score, 16)

    def test_an_age_of_centuries_scores_nothing_and_does_not_fail(self):
        self._create_order()
        self._age_events(100_000)
        lead = self._create_lead(partner_id=self.customer.id)
        self.assertAlmostEqual(lead.engagement_score, 0)

    def test_every_grade(self):
        expected = {
            (20, 20): "A1",
            (10, 19.9): "B2",
            (9.9, 9.9): "C3",
            (50, 0): "A3",
        }
        fit, engagement = self.model.rule_ids.sorted("kind", reverse=True)
        fit.domain = "[]"
        engagement.write({"half_life": 0, "max_points": 0})
        self._create_order()
        lead = self._create_lead(partner_id=self.customer.id)
        for (fit_points, engagement_points), grade in expected.items():
            fit.points = fit_points
            engagement.points = engagement_points
            lead.action_update_score()
            self.assertEqual(lead.lead_grade, grade)

    def test_the_probability_is_never_touched(self):
        lead = self._create_lead(phone="+49 30 123456")
        lead.probability = 42
        lead.action_update_score()
        self.assertEqual(lead.probability, 42)

    def test_the_model_of_the_company_comes_first(self):
        company = self.env["res.company"].create({"name": "Other"})
        own = self.model.copy({"name": "Own", "company_id": company.id})
        own.rule_ids.filtered(lambda rule: rule.kind == "fit").points = 99
        leads = self._create_lead(phone="+49 30 1", user_id=False) | self._create_lead(
            phone="+49 30 2", user_id=False, team_id=False
        )
        team = self.env["crm.team"].create({"name": "T", "company_id": company.id})
        leads[1].write({"team_id": team.id, "company_id": company.id})
        leads.action_update_score()
        self.assertEqual(leads.mapped("fit_score"), [10, 99])

    def test_the_job_scores_what_a_changed_rule_made_stale(self):
        leads = self.env["crm.lead"].create(
            [{"name": f"Lead {n}", "phone": f"+49 30 12345{n}"} for n in range(3)]
        )
        leads[2].action_set_lost()
        self.model.rule_ids.filtered(lambda rule: rule.kind == "fit").points = 25
        self.model.action_score()
        self.assertFalse(leads[0].score_date)
        with self.enter_registry_test_mode():
            self.env.ref("crm_lifecycle.ir_cron_score_leads").method_direct_trigger()
        leads.invalidate_recordset()
        self.assertEqual(leads.mapped("fit_score"), [25, 25, 10])

    def test_without_a_model_there_is_no_score(self):
        lead = self._create_lead(phone="+49 30 123456")
        self.model.action_archive()
        lead.action_update_score()
        self.assertRecordValues(lead, [{"lead_score": 0, "lead_grade": False}])

    def test_a_batch_takes_as_many_queries_as_one_lead(self):
        leads = self.env["crm.lead"].create(
            [{"name": f"Lead {n}", "phone": f"+49 30 1234{n}"} for n in range(100)]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(9):
            leads.action_update_score()

    def test_a_wrong_condition_is_refused(self):
        rule = self.model.rule_ids.filtered(lambda rule: rule.kind == "fit")
        for domain in ("[('nothing', '=', 1)]", "phone"):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                rule.domain = domain

    @mute_logger("odoo.sql_db")
    def test_grades_and_half_lives_make_sense(self):
        with self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.model.fit_b = 30
            self.model.flush_recordset()
        with self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.model.rule_ids[0].half_life = -1
            self.model.rule_ids.flush_recordset()

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_only_managers_change_the_rules(self):
        model = self.model.with_user(self.user)
        self.assertEqual(model.name, "Test")
        with self.assertRaises(AccessError):
            model.fit_a = 99
        with self.assertRaises(AccessError):
            model.rule_ids.points = 99
        self.model.with_user(self.manager).rule_ids.points = 5

    def test_the_model_of_another_company_is_not_seen(self):
        company = self.env["res.company"].create({"name": "Other"})
        own = self.model.copy({"name": "Own", "company_id": company.id})
        seen = self.env["crm.scoring.model"].with_user(self.manager).search([])
        self.assertNotIn(own, seen)
        rules = self.env["crm.scoring.rule"].with_user(self.manager).search([])
        self.assertFalse(rules & own.rule_ids)

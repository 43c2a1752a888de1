from odoo import Command
from odoo.tests import Form, tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestScoresAreUsed(AnalyticsCase):
    """One analysis changes a segment, a journey, a lead's score and the lists."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._create_history([[(1, 900), (2, 900)], [(900, 10)]])
        cls.best, cls.lost = cls.customers
        cls.segment = cls.env["crm.segment"].create(
            {
                "name": "Worth most",
                "domain": "[('value_class', '=', 'high')]",
                "company_id": cls.company.id,
            }
        )

    def test_segment_and_score_of_a_lead(self):
        self.env["crm.scoring.model"].search([]).action_archive()
        self.env["crm.scoring.model"].create(
            {
                "name": "Test",
                "company_id": False,
                "rule_ids": [
                    Command.create(
                        {
                            "name": "Of a customer worth most",
                            "kind": "fit",
                            "points": 40,
                            "domain": "[('partner_id.crm_segment_member_ids."
                            f"segment_id', '=', {self.segment.id})]",
                        }
                    )
                ],
            }
        )
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": "Again",
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                }
                for customer in self.customers
            ]
        )
        leads.action_update_score()
        self.assertEqual(leads.mapped("fit_score"), [0, 0])
        self._run_analysis("clv")
        self.segment._refresh_members()
        self.assertEqual(self.segment.member_ids.partner_id, self.best)
        leads.action_update_score()
        self.assertEqual(leads.mapped("fit_score"), [40, 0])

    def test_journey(self):
        journey = self.env["crm.journey"].create(
            {
                "name": "Thanks to the best",
                "trigger": "manual",
                "company_id": self.company.id,
                "profile_domain": "[('value_class', '=', 'high')]",
            }
        )
        version = self.env["crm.journey.version"].create({"journey_id": journey.id})
        version.start_step_id = self.env["crm.journey.step"].create(
            {"version_id": version.id, "kind": "wait", "name": "Wait", "wait_number": 1}
        )
        journey.action_start()
        self.assertEqual(journey.action_enrol(self.customers.ids), 0)
        self._run_analysis("clv")
        self.assertEqual(journey.action_enrol(self.customers.ids), 1)

    def test_lists_filter_and_group_by_the_results(self):
        self._run_analysis("clv")
        profiles = self.env["crm.customer.profile"].search(
            [("value_class", "=", "high"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(profiles.partner_id, self.best)
        view = self.profile.get_view(
            self.env.ref("crm_lifecycle.crm_customer_profile_view_search").id, "search"
        )
        for name in ("value_class", "rfm_segment", "churn_risk"):
            self.assertIn(f"'group_by': '{name}'", view["arch"])

    def test_run_form(self):
        form = Form(self.run_model)
        form.kind = "retention"
        form.retention_gain = 10
        form.note = "What if"
        run = form.save()
        self.assertIn("What if", run.display_name)

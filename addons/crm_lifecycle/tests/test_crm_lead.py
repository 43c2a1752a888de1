from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmLead(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "sales_team.group_sale_salesman"
        cls.anna = new_test_user(cls.env, "anna", groups=groups)
        cls.ben = new_test_user(cls.env, "ben", groups=groups)
        cls.germany = cls.env.ref("base.de")
        cls.territory = cls.env["crm.territory"].create(
            {
                "name": "Germany",
                "country_ids": cls.germany.ids,
                "user_ids": (cls.anna | cls.ben).ids,
            }
        )

    @classmethod
    def _create_lead(cls, **values):
        return cls.env["crm.lead"].create(
            {"name": "Request", "user_id": False, **values}
        )

    def test_a_known_customer_s_lead_goes_to_his_salesperson(self):
        self.customer.write({"user_id": self.ben.id, "country_id": self.germany.id})
        contact = self._create_customer(
            "Eve", parent_id=self.customer.id, is_company=False
        )
        self._create_lead(country_id=self.germany.id, user_id=self.ben.id)
        lead = self._create_lead(partner_id=contact.id)
        self.assertEqual(lead.user_id, self.ben)
        self.assertEqual(lead.territory_id, self.territory)
        self.assertIn("Ada Ltd", lead.routing_reason)

    def test_other_leads_go_to_the_least_loaded_of_the_territory(self):
        self._create_lead(user_id=self.anna.id)
        leads = self.env["crm.lead"].create(
            [
                {"name": f"Lead {n}", "user_id": False, "country_id": self.germany.id}
                for n in range(5)
            ]
        )
        self.assertEqual(len(leads.filtered(lambda lead: lead.user_id == self.ben)), 3)
        self.assertEqual(len(leads.filtered(lambda lead: lead.user_id == self.anna)), 2)
        self.assertIn("Germany", leads[0].routing_reason)

    def test_a_lead_nobody_is_for_says_so(self):
        lead = self._create_lead(country_id=self.env.ref("base.pe").id)
        self.assertFalse(lead.user_id)
        self.assertFalse(lead.territory_id)
        self.assertIn("no territory", lead.routing_reason)

    def test_a_lead_entered_for_a_salesperson_stays_with_him(self):
        lead = self._create_lead(user_id=self.salesman.id, country_id=self.germany.id)
        self.assertEqual(lead.user_id, self.salesman)
        lead.action_route()
        self.assertIn(lead.user_id, self.anna | self.ben)

    def test_archived_salespeople_get_nothing(self):
        self.customer.user_id = self.ben
        self.ben.action_archive()
        lead = self._create_lead(
            partner_id=self.customer.id, country_id=self.germany.id
        )
        self.assertEqual(lead.user_id, self.anna)

    def test_who_sees_own_leads_only_can_still_enter_one_for_nobody(self):
        leads = self.env["crm.lead"].with_user(self.salesman)
        lead = leads.create(
            {"name": "Walk-in", "user_id": False, "country_id": self.germany.id}
        )
        self.assertEqual(lead.name, "Walk-in")
        self.assertFalse(lead.user_id)
        with self.enter_registry_test_mode():
            self.env.ref("crm_lifecycle.ir_cron_route_leads").method_direct_trigger()
        self.assertIn(lead.sudo().user_id, self.anna | self.ben)

    def test_the_life_of_a_lead_is_events_of_the_customer(self):
        campaign = self.env["utm.campaign"].create({"title": "Spring"})
        lead = self._create_lead(partner_id=self.customer.id, campaign_id=campaign.id)
        lead.action_set_lost()
        lead.action_restore()
        lead.action_set_won()
        events = self.assertEvents(
            self.customer, ["lead_created", "lead_lost", "lead_won"]
        )
        self.assertEqual(events.campaign_id, campaign)

    def test_a_lead_that_gets_its_customer_later_is_an_event_then(self):
        lead = self._create_lead()
        self.assertEvents(self.customer, [])
        lead.partner_id = self.customer
        self.env.cr.precommit.run()
        self.assertEvents(self.customer, ["lead_created"])

    def test_the_quotation_of_a_lead_belongs_to_its_campaign(self):
        campaign = self.env["utm.campaign"].create({"title": "Spring"})
        lead = self._create_lead(partner_id=self.customer.id, campaign_id=campaign.id)
        context = lead.action_new_quotation()["context"]
        order = self.env["sale.order"].with_context(**context).create({})
        self.assertEqual(order.campaign_id, campaign)
        self.assertEqual(order.opportunity_id, lead)

    def test_a_salesperson_of_no_other_group_sees_score_and_territory(self):
        lead = self._create_lead(user_id=self.anna.id, phone="+49 30 123456")
        lead.territory_id = self.territory
        with Form(lead.with_user(self.anna)) as form:
            self.assertTrue(form.lead_grade)
            self.assertTrue(form.score_explanation)
            self.assertEqual(form.territory_id.display_name, "Germany")
            form.name = "Renamed"

    def test_only_who_may_write_the_lead_routes_it(self):
        lead = self._create_lead(user_id=self.anna.id, country_id=self.germany.id)
        with self.assertRaises(AccessError):
            lead.with_user(self.ben).action_route()

from odoo.fields import Domain
from odoo.tests import HttpCase, new_test_user, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestTours(LifecycleCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tour_customer = cls._create_customer("Tour Ltd")

    def _create_history(self):
        """Make more consents than a page of the timeline holds."""
        purpose = self.env.ref("crm_lifecycle.crm_consent_purpose_service")
        self.env["crm.consent.log"].create(
            [
                {
                    "partner_id": self.tour_customer.id,
                    "purpose_id": purpose.id,
                    "channel": "email",
                    "granted": True,
                    "date": f"2024-01-{day:02} 10:00:00",
                }
                for day in [*range(1, 29), *range(1, 17)]
            ]
        )
        given = self.env.ref("crm_lifecycle.crm_customer_event_type_consent_given")
        given._insert_events(Domain("partner_id", "=", self.tour_customer.id))

    def test_customer_360(self):
        self._create_history()
        self._invoice(self._create_order(self.tour_customer, amount=250))
        self._run_pipeline()
        self.start_tour("/odoo", "crm_lifecycle_customer_360", login="admin")
        [activity] = self.tour_customer.activity_ids
        self.assertEqual(activity.summary, "Ask about the mugs")

    def test_customer_360_search(self):
        self.start_tour(
            "/odoo/customer-360", "crm_lifecycle_customer_360_search", login="admin"
        )

    def test_customer_360_from_each_document(self):
        """From the lead and the mailing contact; the others are in the long tour."""
        lead = self.env["crm.lead"].create(
            {"name": "Mugs", "partner_id": self.tour_customer.id}
        )
        contact = self.env["mailing.contact"].create(
            {"name": "Tour", "email": self.tour_customer.email}
        )
        for document in (lead, contact):
            with self.subTest(document=document):
                self.start_tour(
                    f"/odoo/{document._name}/{document.id}",
                    "crm_lifecycle_customer_360_button",
                    login="admin",
                )

    def _create_marketer(self):
        new_test_user(
            self.env,
            "marketer",
            "crm_lifecycle.crm_lifecycle_group_user,"
            "mass_mailing.group_mass_mailing_user",
        )

    def test_journey_template(self):
        """A marketing user takes a journey of the gallery and starts it."""
        self._create_marketer()
        self.start_tour(
            "/odoo/action-crm_lifecycle.crm_journey_action",
            "crm_lifecycle_journey_template",
            login="marketer",
        )
        journey = self.env["crm.journey"].search([("name", "=", "Overdue invoice")])
        self.assertIn("running", journey.mapped("state"))

    def test_journey_flow(self):
        """A marketing user draws a journey and starts it; a customer goes its way."""
        self._create_marketer()
        self.start_tour("/odoo", "crm_lifecycle_journey_flow", login="marketer")
        journey = self.env["crm.journey"].search([("name", "=", "Thank the buyers")])
        self.assertEqual(journey.state, "running")

        self._create_order(self.tour_customer, amount=250)
        self._run_pipeline()
        self.env.ref("crm_lifecycle.ir_cron_advance_journeys").method_direct_trigger()

        [activity] = self.tour_customer.activity_ids
        self.assertEqual(activity.summary, "Write the invoice")
        self.start_tour(
            f"/odoo/action-crm_lifecycle.crm_journey_action/{journey.id}/journey-flow",
            "crm_lifecycle_journey_flow_counts",
            login="marketer",
        )

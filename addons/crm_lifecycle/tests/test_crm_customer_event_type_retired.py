from odoo import Command
from odoo.tests import tagged

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerEventTypeRetired(LifecycleCase):
    """What customers did outlives the application that told of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order()
        cls.confirmed = cls.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_confirmed"
        )
        cls.events = cls.event.search([("type_id", "=", cls.confirmed.id)])

    def _uninstall(self, event_types):
        event_types.with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()

    def test_a_type_with_events_is_archived_when_its_application_goes(self):
        unused = self.confirmed.copy({"name": "Nothing yet"})
        self._uninstall(self.confirmed | unused)
        self.assertFalse(unused.exists())
        self.assertFalse(self.confirmed.exists().active)
        self.assertTrue(self.events.exists())

    def test_installed_again_the_application_finds_its_type(self):
        self._uninstall(self.confirmed)
        again = self.event_type._load_records_create(
            [
                {
                    "name": "Order confirmed",
                    "code": self.confirmed.code,
                    "model_id": self.confirmed.model_id.id,
                },
                {
                    "name": "Another",
                    "code": "another",
                    "model_id": self.confirmed.model_id.id,
                },
            ]
        )
        self.assertEqual(again[0], self.confirmed)
        self.assertTrue(again[0].active)
        self.assertEqual(again[1].code, "another")

    def test_documents_that_go_away_leave_their_events(self):
        model = self.env["ir.model"].create(
            {
                "name": "Visit",
                "model": "x_visit",
                "field_id": [
                    Command.create(
                        {
                            "name": "x_partner_id",
                            "ttype": "many2one",
                            "relation": "res.partner",
                            "field_description": "Customer",
                        }
                    )
                ],
            }
        )
        paths = {"partner_path": "x_partner_id", "company_path": False}
        visited = self.event_type.create(
            {"name": "Visited", "model_id": model.id, **paths}
        )
        self.assertEqual(visited.code, "visited")
        metric = self.env["crm.customer.metric"].create(
            {"name": "Visits", "model_id": model.id, **paths}
        )
        self.env["x_visit"].create({"x_partner_id": self.customer.id})
        visited._backfill_batch()
        model.unlink()
        self.env.invalidate_all()
        self.assertFalse(visited.active)
        self.assertFalse(metric.active)
        event = self.event.search([("type_id", "=", visited.id)])
        self.assertEqual(event.partner_id, self.customer)
        # The 360 view opens, and says nothing of what nobody may read any more.
        self.profile._refresh(self.customer)
        profile = self._get_profile()
        shown = self.profile.get_customer_360(profile.id)["timeline"]["events"]
        self.assertNotIn("Visited", [line["label"] for line in shown])
        self.assertIn("Order confirmed", [line["label"] for line in shown])

    def test_the_technical_name_is_made_of_the_name(self):
        values = {"model_id": self.confirmed.model_id.id}
        first, second = self.event_type.create(
            [{"name": "Bought: a lot!", **values}, {"name": "Bought a lot", **values}]
        )
        self.assertEqual((first.code, second.code), ("bought_a_lot", "bought_a_lot_2"))
        first.name = "Bought little"
        self.assertEqual(first.code, "bought_a_lot", "programs go on to know it")

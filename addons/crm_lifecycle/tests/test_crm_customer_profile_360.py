from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerProfile360(LifecycleCase):
    def _get_view(self, user):
        profile_id = self._get_profile().id
        return self.profile.with_user(user).get_customer_360(profile_id)

    def _labels(self, view):
        return [event["label"] for event in view["timeline"]["events"]]

    def test_an_order_confirmed_a_moment_ago_is_there(self):
        self._create_order(amount=100)
        self.profile._refresh()
        self._create_order(amount=20)
        view = self._get_view(self.env.user)
        self.assertEqual(self._labels(view).count("Order confirmed"), 2)
        tiles = {tile["key"]: tile["value"] for tile in view["tiles"]}
        self.assertIn("120.00", tiles["revenue"], "stale figures are refreshed")
        self.assertEqual(view["chart"]["revenue"][-1], 120)

    def test_warnings_before_talking_to_the_customer(self):
        def warnings(user):
            return {warning["key"] for warning in self._get_view(user)["warnings"]}

        invoice = self._invoice(self._create_order())
        invoice.line_ids.date_maturity = "2020-01-01"
        invoice.invoice_date_due = "2020-01-01"
        self.profile._refresh()
        self.assertEqual(warnings(self.env.user), {"overdue", "consent"})
        self.assertEqual(warnings(self.user), {"consent"}, "no right to see invoices")
        self.env["crm.consent"]._record(
            self.customer, "marketing", "email", True, "Counter", "Yes"
        )
        self.assertEqual(warnings(self.user), set())

    def test_who_is_late_is_warned_of_in_words_that_tell_what_is_meant(self):
        self.env.company.crm_at_risk_days = 30
        self._create_order(days_ago=50)
        self.profile._refresh(self.customer)
        [warning] = [
            warning
            for warning in self._get_view(self.env.user)["warnings"]
            if warning["key"] == "at_risk"
        ]
        self.assertEqual(warning["label"], "At risk: no order for 50 days")
        self.assertIn("Lifecycle stage", warning["hint"])
        [warning] = [
            warning
            for warning in self._get_view(self.user)["warnings"]
            if warning["key"] == "at_risk"
        ]
        self.assertEqual(warning["label"], "At risk", "no figure of orders")

    def test_actions_are_those_the_user_may_do(self):
        self.customer.phone = "+32 2 290 34 90"
        self.profile._refresh(self.customer)

        def actions(user):
            return {action["key"]: action for action in self._get_view(user)["actions"]}

        self.assertEqual(actions(self.user), {})
        seen = actions(self.salesman)
        self.assertEqual(
            list(seen), ["call", "write", "note", "activity", "quote", "lead"]
        )
        self.assertEqual(seen["call"]["url"], "tel:+3222903490")
        self.customer.email = False
        self.assertNotIn("write", actions(self.salesman))

    def test_a_call_is_logged_from_the_view(self):
        self.profile._refresh(self.customer)
        actions = self._get_view(self.env.user)["actions"]
        [call] = [action for action in actions if action["key"] == "call"]
        wizard = self.env[call["action"]["res_model"]].with_context(
            **call["action"]["context"]
        )
        wizard.create({"summary": "Asked about the mugs"}).action_schedule_activities()
        self.assertEqual(self.customer.activity_ids.summary, "Asked about the mugs")
        self.assertEqual(
            self.customer.activity_ids.activity_type_id,
            self.env.ref("mail.mail_activity_data_call"),
        )

    def test_a_customer_with_nothing_has_a_view(self):
        self.profile._refresh(self.customer)
        view = self._get_view(self.env.user)
        self.assertEqual(view["timeline"], {"events": [], "before": False})
        self.assertEqual(view["categories"], [])
        self.assertFalse(any(view["chart"]["revenue"]))
        self.assertEqual(view["next_actions"], [])

    def test_chart_counts_what_still_holds(self):
        self._create_order(amount=70)
        self._create_order(amount=30)._action_cancel()
        self.profile._refresh()
        chart = self._get_view(self.env.user)["chart"]
        self.assertEqual(chart["revenue"][-1], 70, "cancelled orders are no revenue")
        self.assertEqual(len(chart["revenue"]), 24)
        self.assertIn("70.00", chart["amounts"][-1])

    def test_a_customer_of_two_companies_has_a_view_in_each(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.user.company_ids += other
        self._create_order()
        self.profile._refresh()
        companies = self.env.company | other
        user = self.profile.with_user(self.user).with_context(
            allowed_company_ids=companies.ids
        )
        profile = self._get_profile()
        self.assertEqual(user.get_customer_360(profile.id)["companies"], [])
        second = self.profile.create(
            {"partner_id": self.customer.id, "company_id": other.id}
        )
        seen = user.get_customer_360(profile.id)["companies"]
        self.assertCountEqual([item["id"] for item in seen], (profile | second).ids)
        self.assertEqual(user.get_customer_360(second.id)["timeline"]["events"], [])
        for name, company in (("Here", self.env.company), ("There", other)):
            segment = self.env["crm.segment"].create(
                {"name": name, "kind": "static", "company_id": company.id}
            )
            self.env["crm.segment.member"].create(
                {
                    "segment_id": segment.id,
                    "partner_id": self.customer.id,
                    "company_id": company.id,
                }
            )
        self.assertEqual(user.get_customer_360(profile.id)["segments"], ["Here"])
        self.assertEqual(user.get_customer_360(second.id)["segments"], ["There"])

    def test_an_open_view_is_told_of_a_new_order(self):
        self.profile._refresh(self.customer)
        profile = self._get_profile()
        self.env.cr.precommit.run()
        self.env["bus.bus"].search([]).unlink()
        self._create_order()
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].search([]).mapped("message")
        told = [m for m in messages if "crm_lifecycle.customer_changed" in m]
        self.assertEqual(len(told), 1)
        self.assertIn(f'"id":{profile.id}', told[0].replace(" ", ""))

    def test_only_who_may_read_the_profile_may_listen(self):
        self.profile._refresh(self.customer)
        profile = self._get_profile()
        channel = f"crm.customer.profile_{profile.id}"
        websocket = self.env["ir.websocket"]
        with _websocket_request():
            heard = websocket.with_user(self.user)._build_bus_channel_list([channel])
            self.assertIn(str(profile), map(str, heard))
            employee = new_test_user(self.env, "deaf", groups="base.group_user")
            heard = websocket.with_user(employee)._build_bus_channel_list([channel])
        self.assertFalse({str(profile), channel} & set(map(str, heard)))

    def test_customer_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._create_order()
        self.profile._refresh()
        self.user.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        with self.assertRaises(AccessError):
            self._get_view(self.user)


def _websocket_request():
    request = SimpleNamespace(session=SimpleNamespace(uid=True))
    return patch("odoo.addons.bus.models.ir_websocket.wsrequest", request)

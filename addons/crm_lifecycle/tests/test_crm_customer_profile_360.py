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

    def test_timeline_is_cut_by_the_rights_on_the_documents(self):
        self._create_order(user_id=self.salesman.id)
        self._invoice(self._create_order(user_id=self.manager.id))
        self.profile._refresh()
        seen = self._labels(self._get_view(self.env.user))
        self.assertCountEqual(seen, ["Order confirmed"] * 2 + ["Invoice posted"])
        seen = self._labels(self._get_view(self.salesman))
        self.assertEqual(seen, ["Order confirmed"], "his own documents only")
        self.assertEqual(self._labels(self._get_view(self.user)), [])
        tiles = [tile["key"] for tile in self._get_view(self.salesman)["tiles"]]
        self.assertNotIn("unpaid", tiles)

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

    def test_actions_are_those_the_user_may_do(self):
        self.profile._refresh(self.customer)
        view = self._get_view(self.salesman)
        self.assertEqual([a["key"] for a in view["actions"]], ["quote", "lead"])
        self.assertEqual(self._get_view(self.user)["actions"], [])

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

    def test_timeline_pages_and_filters(self):
        for _number in range(3):
            self._create_order()
        self._invoice(self._create_order())
        self.profile._refresh()
        self.startPatcher(_small_pages())
        profile_id = self._get_profile().id
        page = self.profile.get_timeline(profile_id)
        labels = [event["label"] for event in page["events"]]
        while page["before"]:
            page = self.profile.get_timeline(profile_id, before=page["before"])
            labels += [event["label"] for event in page["events"]]
        self.assertCountEqual(labels, ["Order confirmed"] * 4 + ["Invoice posted"])
        billing = self.profile.get_timeline(profile_id, category="billing")
        self.assertEqual(len(billing["events"]), 1)

    def test_customer_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._create_order()
        self.profile._refresh()
        self.user.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        with self.assertRaises(AccessError):
            self._get_view(self.user)

    def test_technical_documents_are_shown_as_what_they_are_about(self):
        invoice = self._invoice(self._create_order(), paid=True)
        self.profile._refresh()
        events = self._get_view(self.env.user)["timeline"]["events"]
        payment = next(e for e in events if e["label"] == "Payment received")
        self.assertEqual(
            (payment["res_model"], payment["res_id"]), ("account.move", invoice.id)
        )

    def test_number_of_queries_does_not_grow_with_the_timeline(self):
        for _number in range(2):
            self._create_order()
            self.profile._refresh()
        profile_id = self._get_profile().id
        self.profile.get_customer_360(profile_id)
        few = self._count_queries(profile_id)
        for _number in range(15):
            self._create_order()
        while self.profile._refresh():
            pass  # a change of stage is an event, too
        self.assertLessEqual(self._count_queries(profile_id), few)

    def _count_queries(self, profile_id):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.profile.get_customer_360(profile_id)
        return self.env.cr.sql_log_count - before


def _websocket_request():
    request = SimpleNamespace(session=SimpleNamespace(uid=True))
    return patch("odoo.addons.bus.models.ir_websocket.wsrequest", request)


def _small_pages():
    module = "odoo.addons.crm_lifecycle.models.crm_customer_profile_360"
    return patch(f"{module}.TIMELINE_PAGE", 2)

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import Form, new_test_user, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerEventType(LifecycleCase):
    def _create_type(self, **values):
        return self.event_type.create(
            {
                "name": "Contact made",
                "code": "test_contact_made",
                "category": "relation",
                "model_id": self.env.ref("base.model_res_partner").id,
                "partner_path": "parent_id",
                "date_path": "create_date",
                **values,
            }
        )

    def test_a_manager_without_other_rights_chooses_documents_and_fields(self):
        for group in (
            "crm_lifecycle.crm_lifecycle_group_manager",
            "mass_mailing.group_mass_mailing_user",
        ):
            user = new_test_user(self.env, group, groups=group)
            env = self.env(user=user)
            self.assertTrue(env["ir.model"].name_search("Contact"), group)
            dates = [("model", "=", "crm.customer.profile"), ("ttype", "=", "date")]
            self.assertTrue(env["ir.model.fields"].search(dates, limit=1), group)
            contacts = env["ir.model"].search([("model", "=", "res.partner")])
            with self.assertRaises(AccessError):
                contacts.name = "Other"

    def test_confirming_an_order_is_an_event_in_the_same_transaction(self):
        contact = self.env["res.partner"].create(
            {"name": "Ada", "parent_id": self.customer.id}
        )
        order = self._create_order(contact, amount=250)
        event = self.assertEvents(self.customer, ["order_confirmed"])
        self.assertRecordValues(
            event,
            [
                {
                    "partner_id": self.customer.id,
                    "contact_id": contact.id,
                    "value": 250,
                    "date": order.date_order,
                    "res_model": "sale.order",
                    "res_id": order.id,
                }
            ],
        )

    def test_first_order_of_a_customer_made_in_the_same_transaction(self):
        customer = self._create_customer("New Ltd")
        self._create_order(customer)
        self.assertEvents(customer, ["order_confirmed"])

    def test_capturing_twice_changes_nothing(self):
        order = self._create_order()
        self.assertEqual(self.event_type._capture("order_confirmed", order), 0)
        self.assertEvents(self.customer, ["order_confirmed"])

    def test_a_quotation_is_no_order(self):
        order = self._create_order(confirm=False)
        self.assertEqual(self.event_type._capture("order_confirmed", order), 0)
        self.assertEvents(self.customer, [])

    def test_invoice_payment_and_credit_note(self):
        invoice = self._invoice(self._create_order(amount=80), paid=True)
        refund = invoice._reverse_moves([{"invoice_date": fields.Date.today()}])
        refund.action_post()
        events = self.assertEvents(
            self.customer,
            [
                "order_confirmed",
                "invoice_posted",
                "payment_received",
                "credit_note_posted",
            ],
        )
        self.assertEqual(events.mapped("value"), [80, 80, 80, -80])

    def test_cancelling_an_order_is_an_event(self):
        order = self._create_order()
        order._action_cancel()
        self.assertEvents(self.customer, ["order_confirmed", "order_cancelled"])

    def test_history_equals_live_capture(self):
        orders = self._create_order() + self._create_order(amount=30)
        scope = [("res_model", "=", "sale.order"), ("res_id", "in", orders.ids)]
        live = self.event.search(scope, order="res_id")
        expected = live.read(["partner_id", "value", "date", "res_id"])
        for values in expected:
            del values["id"]
        live.unlink()
        order_type = self.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_confirmed"
        )
        order_type._insert_events(Domain("id", "in", orders.ids))
        again = self.event.search(scope, order="res_id")
        actual = again.read(["partner_id", "value", "date", "res_id"])
        for values in actual:
            del values["id"]
        self.assertEqual(actual, expected)

    def test_history_is_read_in_batches_by_the_scheduled_action(self):
        customers = self.env["res.partner"].create(
            [
                {"name": f"C{number}", "parent_id": self.customer.id}
                for number in range(7)
            ]
        )
        event_type = self._create_type()
        self.patch(
            self.env.registry["crm.customer.event.type"], "_commit_progress", _no_commit
        )
        module = "odoo.addons.crm_lifecycle.models.crm_customer_event_type_history"
        self.startPatcher(patch(f"{module}.BACKFILL_BATCH", 3))
        self.event_type.search([("id", "!=", event_type.id)]).backfill_done = True
        self.event_type._cron_backfill()
        self.assertTrue(event_type.backfill_done)
        events = self.event.search([("type_id", "=", event_type.id)])
        self.assertLessEqual(set(customers.ids), set(events.mapped("res_id")))
        count = len(events)
        event_type.action_backfill()
        self.event_type._cron_backfill()
        self.assertEqual(event_type.event_count, count)

    def test_value_is_converted_at_the_rate_of_the_day(self):
        euro = self.env.ref("base.EUR")
        company = self.env.company
        currency = euro if company.currency_id != euro else self.env.ref("base.USD")
        currency.active = True
        currency.rate_ids.unlink()
        day = fields.Date.today() - timedelta(days=10)
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": currency.id,
                    "name": day,
                    "rate": 2,
                    "company_id": company.id,
                },
                {
                    "currency_id": currency.id,
                    "name": fields.Date.today() - timedelta(days=2),
                    "rate": 4,
                    "company_id": company.id,
                },
            ]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": currency.id}
        )
        order = self._create_order(amount=100, confirm=False, pricelist_id=pricelist.id)
        order.write({"date_order": day, "state": "sale"})
        self.event_type._capture("order_confirmed", order)
        event = self.assertEvents(self.customer, ["order_confirmed"])
        self.assertEqual(event.value, 50, "the rate of the order's day, not today's")

    def test_occurrence_tells_the_events_of_one_record_apart(self):
        event_type = self._create_type(occurrence_path="write_date")
        self.env["res.partner"].create({"name": "Ada", "parent_id": self.customer.id})
        event_type._insert_events(Domain("parent_id", "=", self.customer.id))
        event = self.event.search([("type_id", "=", event_type.id)])
        self.assertEqual(str(event.occurrence), f"{self.env.cr.now():%Y%m%d}")

    def test_wrong_definition_is_refused_with_the_reason(self):
        for number, (values, words) in enumerate(
            (
                ({"partner_path": "name"}, "'name'"),
                ({"partner_path": "parent_id.country_id"}, "'country_id'"),
                ({"date_path": "nowhere.date"}, "'nowhere'"),
                ({"domain": "[('missing', '=', 1)]"}, "missing"),
                ({"domain": "not a domain"}, "condition is not valid"),
                ({"value_path": "name"}, "'name'"),
            )
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words):
                self._create_type(code=f"test_{number}", **values)

    def test_a_broken_type_is_suspended_and_the_others_go_on(self):
        broken = self._create_type()
        self.env.cr.execute(
            "UPDATE crm_customer_event_type SET date_path = 'gone' WHERE id = %s",
            [broken.id],
        )
        self.event_type.invalidate_model()
        self.patch(
            self.env.registry["crm.customer.event.type"], "_commit_progress", _no_commit
        )
        lead = self.env.ref("crm_lifecycle.crm_customer_event_type_quotation_sent")
        (broken + lead)._sweep()
        self.assertIn("gone", broken.suspended_reason)
        self.assertEqual(lead.sweep_date, self.env.cr.now())

    def test_live_capture_of_a_suspended_type_does_nothing(self):
        order_type = self.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_confirmed"
        )
        order_type._suspend("Broken")
        self._create_order()
        self.assertEvents(self.customer, [])

    def test_events_cannot_be_changed(self):
        self._create_order()
        event = self.assertEvents(self.customer, ["order_confirmed"])
        with self.assertRaises(UserError):
            event.value = 1

    def _create_old_order(self, days):
        order = self._create_order(confirm=False)
        date = fields.Datetime.now() - timedelta(days=days)
        order.write({"state": "sale", "date_order": date})
        self.event_type._capture("order_confirmed", order)
        return order

    def test_expired_events_become_monthly_totals(self):
        order_type = self.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_confirmed"
        )
        self._create_old_order(days=400)
        self._create_old_order(days=400)
        recent = self._create_order()
        order_type.retention_months = 2
        totals = self.env["crm.customer.event.total"]
        totals._gc_expired_events()
        events = self.assertEvents(self.customer, ["order_confirmed"])
        self.assertEqual(events.res_id, recent.id)
        total = totals.search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(total, [{"event_count": 2, "value": 200}])
        # Neither a second run nor reading the history again counts them twice.
        totals._gc_expired_events()
        order_type.retention_months = 24
        order_type._insert_events(Domain("partner_id", "=", self.customer.id))
        totals._gc_expired_events()
        self.assertEqual(total.event_count, 2)
        self.assertEvents(self.customer, ["order_confirmed"])

    def test_preview_before_saving(self):
        self._create_order()
        orders = self.env["sale.order"].search_count([("state", "=", "sale")])
        before = self.event.search_count([])
        # Who defines facts must be allowed to read them.
        self.manager.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        form = Form(
            self.event_type.with_user(self.manager).with_context(default_active=False)
        )
        form.name = "Order"
        form.code = "my_order"
        form.model_id = self.env["ir.model"]._get("sale.order")
        form.domain = "[('state', '=', 'sale')]"
        form.date_path = "date_order"
        form.value_path = "amount_total"
        self.assertEqual(form.preview_count, orders)
        self.assertIn("Ada Ltd", form.preview_examples)
        form.partner_path = "currency_id"
        self.assertIn("partner", form.preview_error.lower() + "partner")
        self.assertFalse(form.preview_count)
        form.partner_path = "partner_id"
        event_type = form.save()
        self.assertFalse(event_type.active)
        self.assertEqual(self.event.search_count([]), before)
        event_type.action_activate()
        event_type._backfill_batch()
        self.assertEqual(event_type.event_count, orders)

    def test_a_broken_type_is_suspended_and_its_owner_told(self):
        order_type = self.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_confirmed"
        )
        order_type.user_id = self.manager
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_customer_event_type SET value_path = 'gone' WHERE id = %s",
            [order_type.id],
        )
        order_type.invalidate_recordset()
        self.env.registry.clear_cache()
        order = self._create_order()
        self.assertEqual(order.state, "sale", "the order is confirmed all the same")
        self.assertIn("gone", order_type.suspended_reason)
        activity = order_type.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("gone", activity.note)
        order_type.value_path = "amount_untaxed"
        order_type.action_resume()
        self.assertFalse(order_type.activity_ids)
        while not order_type.backfill_done:
            order_type._backfill_batch()
        self.assertEvents(self.customer, ["order_confirmed"])

    def test_bulk_confirmation_captures_in_one_statement(self):
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "order_line": [Command.create({"product_id": self.product.id})],
                }
                for _number in range(20)
            ]
        )
        orders.write({"state": "sale"})
        self.env.flush_all()
        self.event_type._capture("order_confirmed", orders[0])
        # The capture itself and the wake-up of the refresh, however many orders.
        with self.assertQueryCount(4):
            self.event_type._capture("order_confirmed", orders)


def _no_commit(self, processed=0, remaining=None):
    return 1

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerProfile(LifecycleCase):
    def test_buying_figures(self):
        for amount, days_ago in ((100, 400), (300, 200), (200, 0)):
            self._create_order(amount=amount, days_ago=days_ago)
        self.profile._refresh()
        self.assertRecordValues(
            self._get_profile(),
            [
                {
                    "order_count": 3,
                    "revenue": 600,
                    "revenue_12m": 500,
                    "average_basket": 200,
                    "event_count": 3,
                }
            ],
        )
        self.assertAlmostEqual(self._get_profile().mean_order_interval, 200, places=2)

    def test_orders_of_contacts_count_for_their_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Ada", "parent_id": self.customer.id}
        )
        self._create_order(contact, amount=40)
        self.profile._refresh()
        self.assertEqual(self._get_profile().revenue, 40)
        self.assertEqual(contact.crm_profile_id, self._get_profile())

    def test_paying_figures(self):
        self._invoice(self._create_order(amount=100), paid=True)
        late = self._invoice(self._create_order(amount=70))
        late.line_ids.filtered("date_maturity").date_maturity = (
            fields.Date.today() - timedelta(days=5)
        )
        late.invoice_date_due = fields.Date.today() - timedelta(days=5)
        refund = self._invoice(self._create_order(amount=30))._reverse_moves(
            [{"invoice_date": fields.Date.today()}]
        )
        refund.action_post()
        self.profile._refresh()
        profile = self._get_profile()
        self.assertRecordValues(
            profile,
            [
                {
                    "invoiced_amount": 170,
                    "open_amount": 70,
                    "overdue_amount": 70,
                    "credit_note_count": 1,
                    "credit_note_amount": 30,
                }
            ],
        )

    def test_refresh_takes_the_stale_customers_only(self):
        other = self._create_customer("Bob Ltd")
        self._create_order()
        self.assertEqual(self.profile._refresh(), 1)
        self.assertFalse(self._get_profile(other))
        self.assertEqual(self.profile._refresh(), 0, "the queue is empty")

    def test_refreshing_twice_changes_nothing(self):
        self._create_order()
        self.profile._refresh()
        before = self._get_profile().read()
        self.profile._refresh(self.customer)
        self.assertEqual(self._get_profile().read(), before)

    def test_profile_is_per_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._create_order(amount=10)
        order = self._create_order(amount=5, confirm=False)
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s, state = 'sale' WHERE id = %s",
            [other.id, order.id],
        )
        order.invalidate_recordset()
        self.event_type._capture("order_confirmed", order)
        self.profile._refresh()
        revenue = {
            profile.company_id: profile.revenue for profile in self._get_profile()
        }
        self.assertEqual(revenue, {self.env.company: 10, other: 5})

    def test_lifecycle_stage_goes_forward_and_back(self):
        def stage():
            self.profile._refresh(self.customer)
            return self._get_profile().lifecycle_stage

        self.assertEqual(stage(), "prospect")
        lead = self.env["crm.lead"].create(
            {"name": "Wants", "type": "lead", "partner_id": self.customer.id}
        )
        self.assertEqual(stage(), "lead")
        lead.type = "opportunity"
        self.assertEqual(stage(), "opportunity")
        first = self._create_order()
        self.assertEqual(stage(), "new")
        self._create_order()
        self.assertEqual(stage(), "repeat")
        for _number in range(3):
            self._create_order()
        self.assertEqual(stage(), "loyal")
        orders = self.env["sale.order"].search([("partner_id", "=", self.customer.id)])
        orders.date_order = fields.Datetime.now() - timedelta(days=200)
        self.assertEqual(stage(), "at_risk")
        orders.date_order = fields.Datetime.now() - timedelta(days=400)
        self.assertEqual(stage(), "lapsed")
        self.env.company.crm_lapsed_days = 500
        self.assertEqual(stage(), "at_risk", "the limits are the company's")
        (orders - first)._action_cancel()
        first.date_order = fields.Datetime.now()
        self.assertEqual(stage(), "new")

    def test_every_profile_becomes_stale_once_a_day(self):
        self._create_order()
        self.profile._refresh()
        profile = self._get_profile()
        self.profile._cron_refresh_all()
        queue = self.env["crm.customer.profile.refresh"]
        self.assertFalse(queue.search_count([("partner_id", "=", self.customer.id)]))
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET refresh_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=2), profile.id],
        )
        self.profile._cron_refresh_all()
        self.assertEqual(queue.search_count([("partner_id", "=", self.customer.id)]), 1)

    def test_scheduled_action_wakes_the_segments(self):
        self._create_order()
        segments = self.env.ref("crm_lifecycle.ir_cron_refresh_segments")
        trigger = self.env["ir.cron.trigger"]
        trigger.search([]).unlink()
        with self.enter_registry_test_mode():
            self.env.ref(
                "crm_lifecycle.ir_cron_refresh_profiles"
            ).method_direct_trigger()
        self.assertEqual(self._get_profile().order_count, 1)
        self.assertTrue(trigger.search_count([("cron_id", "=", segments.id)]))

    def test_number_of_queries_does_not_grow_with_the_customers(self):
        for number in range(10):
            self._create_order(self._create_customer(f"C{number} Ltd"))
        self.env.flush_all()
        with self.assertQueryCount(4):
            self.profile._refresh()

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerProfileNextAction(LifecycleCase):
    def _advise(self, user=None):
        self.profile._refresh(self.customer)
        profile = self.profile.with_user(user or self.env.user)
        view = profile.get_customer_360(self._get_profile().id)
        return {item["key"]: item for item in view["next_actions"]}

    def _order_each(self, days, count, last):
        for number in range(count):
            self._create_order(days_ago=last + number * days, user_id=self.salesman.id)

    def test_a_customer_in_order_gets_no_advice(self):
        self._create_order()
        self.assertEqual(self._advise(), {})

    def test_call_who_is_late_by_his_own_rhythm(self):
        self._order_each(10, 3, last=15)
        advice = self._advise()["order_due"]
        self.assertEqual(advice["reason"], "No order for 15 days, usually every 10")
        self.assertEqual(advice["action"]["res_model"], "mail.activity.schedule")
        self.assertIn("order_due", self._advise(self.salesman))
        self._create_order(user_id=self.manager.id)
        self.assertNotIn("order_due", self._advise(), "he has just ordered")

    def test_rhythm_of_hidden_orders_is_not_told(self):
        self._order_each(10, 3, last=15)
        self._create_order(days_ago=14, user_id=self.manager.id)
        self.assertIn("order_due", self._advise())
        self.assertNotIn("order_due", self._advise(self.salesman))

    def test_follow_up_the_quotation_that_expires_first(self):
        today = fields.Date.today()
        for days in (5, 2, 30):
            order = self._create_order(
                confirm=False, validity_date=today + timedelta(days=days)
            )
            if days == 2:
                first = order
        advice = self._advise()["quotation"]
        self.assertEqual(advice["action"]["res_id"], first.id)
        self.assertIn(first.name, advice["label"])
        self.assertNotIn("quotation", self._advise(self.user))

    def test_get_in_touch_with_the_loyal(self):
        self.env.company.crm_loyal_orders = 2
        self._order_each(100, 2, last=1)
        self.assertIn("silence", self._advise())
        self.env.company.crm_loyal_orders = 20
        self.assertNotIn("silence", self._advise())

    def test_the_most_urgent_comes_first_with_its_reason(self):
        self._order_each(10, 3, last=15)
        invoice = self._invoice(self._create_order(days_ago=14))
        invoice.line_ids.date_maturity = "2020-01-01"
        invoice.invoice_date_due = "2020-01-01"
        advice = self._advise()
        self.assertEqual(list(advice)[0], "overdue")
        self.assertIn("100.00 overdue, for up to", advice["overdue"]["reason"])
        self.assertNotIn("overdue", self._advise(self.salesman))

from datetime import timedelta
from html import unescape

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..analysis_results import mail_chart
from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmDashboardMail(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._create_history([[(10, 100)], [(20, 300)]])
        cls._run_analysis("rfm")
        cls.sellers = [
            new_test_user(
                cls.env,
                f"mailed_seller_{number}",
                groups="sales_team.group_sale_salesman",
                email=f"seller{number}@example.com",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for number in range(2)
        ]
        for customer, seller in zip(cls.customers, cls.sellers, strict=True):
            orders = cls.env["sale.order"].search([("partner_id", "=", customer.id)])
            orders.user_id = seller
        cls.env["crm.document.summary.mixin"]._refresh_all()

    def _create_schedule(self, users, **values):
        return self.env["crm.dashboard.mail"].create(
            {
                "name": "Monday figures",
                "board": "sales",
                "company_id": self.company.id,
                "user_ids": [Command.set([user.id for user in users])],
                **values,
            }
        )

    def _get_mails(self, schedule):
        return self.env["mail.mail"].search(
            [("model", "=", schedule._name), ("res_id", "=", schedule.id)]
        )

    def test_each_gets_his_part(self):
        schedule = self._create_schedule(self.sellers)
        schedule.action_send()
        bodies = {mail.email_to: mail.body_html for mail in self._get_mails(schedule)}
        self.assertEqual(len(bodies), 2)
        self.assertFalse(
            schedule.message_ids.filtered(lambda message: message.mail_ids),
            "what one may see does not stand in the chatter for all",
        )
        for seller, own, other in zip(
            self.sellers, ("100", "300"), ("300", "100"), strict=True
        ):
            body = bodies[seller.email_formatted]
            self.assertIn(f">{own}<", body.replace(" ", "").replace("\n", ""))
            self.assertNotIn(f">{other}<", body.replace(" ", "").replace("\n", ""))

    def test_who_may_not_open_the_board_gets_no_mail(self):
        schedule = self._create_schedule(
            [self.sellers[0], self.analyst], board="management"
        )
        schedule.action_send()
        self.assertEqual(
            self._get_mails(schedule).mapped("email_to"), [self.analyst.email_formatted]
        )

    def test_every_chart_is_in_the_mail(self):
        self._run_analysis("clv")
        self._run_analysis("churn")
        self._run_analysis("retention")
        schedule = self._create_schedule([self.analyst], board="value")
        schedule.action_send()
        body = self._get_mails(schedule).body_html
        dashboard = self.env["crm.dashboard"].with_user(self.analyst)
        charts = dashboard.with_company(self.company).get_dashboard("value")["charts"]
        titles = {chart["title"] for chart in charts}
        self.assertGreater(len(titles), 6)
        for chart in charts:
            plain = mail_chart.plain(chart)
            if plain["bars"] or plain["rows"]:
                self.assertIn(chart["title"], unescape(body))
                titles.discard(chart["title"])
        self.assertLessEqual(len(titles), 2, "only those without a figure are left out")
        self.assertIn("background-color", body)
        self.assertIn("/odoo/customer-dashboard?board=value", body)

    def test_mail_speaks_the_language_of_the_recipient(self):
        lang = self.env["res.lang"]._activate_lang("de_DE")
        lang.write({"date_format": "%d.%m.%Y", "thousands_sep": "."})
        seller = self.sellers[0]
        seller.lang = "de_DE"
        orders = self.env["sale.order"].search([("user_id", "=", seller.id)])
        orders.amount_untaxed = 12345
        self.env["crm.order.summary"]._refresh()
        schedule = self._create_schedule(seller)
        schedule.action_send()
        mail = self._get_mails(schedule)
        self.assertIn("12.345", mail.body_html)
        today = self.env.cr.now().date()
        self.assertIn(today.strftime("%d.%m.%Y"), mail.subject)

    def test_schedule(self):
        today = self.env.cr.now().date()
        due = self._create_schedule(self.sellers, next_date=today - timedelta(days=10))
        later = self._create_schedule(self.sellers, next_date=today + timedelta(days=1))
        cron = self.env.ref("crm_analytics.ir_cron_mail_dashboards")
        for _time in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.assertEqual(len(self._get_mails(due)), 2, "once, for both")
        self.assertFalse(self._get_mails(later))
        self.assertEqual(due.next_date, today + timedelta(days=4))

    def test_only_managers_schedule(self):
        schedule = self._create_schedule(self.sellers)
        with self.assertRaises(AccessError):
            schedule.with_user(self.analyst).action_send()

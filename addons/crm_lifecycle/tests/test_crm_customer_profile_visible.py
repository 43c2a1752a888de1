from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerProfileVisible(LifecycleCase):
    """Figures of documents outside the user's rights do not leak, role by role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_order(amount=100, user_id=cls.salesman.id, days_ago=3)
        invoice = cls._invoice(cls._create_order(amount=900, user_id=cls.manager.id))
        invoice.line_ids.date_maturity = "2020-01-01"
        invoice.invoice_date_due = "2020-01-01"
        cls.profile._refresh()

    def _open(self, user):
        return self.profile.with_user(user).get_customer_360(self._get_profile().id)

    def _get_tiles(self, user):
        return {tile["key"]: tile for tile in self._open(user)["tiles"]}

    def _add_user(self, *groups):
        groups = ("crm_lifecycle.crm_lifecycle_group_user", *groups)
        return new_test_user(
            self.env, f"role_{'_'.join(groups)}"[:60], groups=",".join(groups)
        )

    def test_salesperson_sees_figures_of_his_own_orders(self):
        view = self._open(self.salesman)
        tiles = {tile["key"]: tile for tile in view["tiles"]}
        self.assertIn("100.00", tiles["revenue"]["value"])
        self.assertEqual(tiles["revenue"]["detail"], "1 order that you may see")
        self.assertEqual(tiles["last_order"]["value"], "3 days ago")
        self.assertIn("100.00", view["value"]["amount"])
        self.assertEqual(sum(view["chart"]["revenue"]), 100)
        self.assertNotIn("1,000", str(view))
        self.assertNotIn("900.00", str(view))
        self.assertNotIn("unpaid", tiles)
        self.assertNotIn("overdue", {item["key"] for item in view["warnings"]})
        self.assertNotIn("overdue", {item["key"] for item in view["next_actions"]})

    def test_sales_manager_sees_all_orders_but_no_billing(self):
        user = self._add_user("sales_team.group_sale_salesman_all_leads")
        tiles = self._get_tiles(user)
        self.assertIn("1,000.00", tiles["revenue"]["value"])
        self.assertEqual(tiles["revenue"]["detail"], "2 orders")
        self.assertNotIn("unpaid", tiles)

    def test_accountant_sees_what_is_owed(self):
        view = self._open(self._add_user("account.group_account_invoice"))
        self.assertIn("unpaid", {tile["key"] for tile in view["tiles"]})
        self.assertIn("overdue", {item["key"] for item in view["warnings"]})
        self.assertEqual(view["next_actions"][0]["key"], "overdue")

    def test_marketing_user_sees_mailings_and_no_figure_of_orders(self):
        view = self._open(self._add_user("mass_mailing.group_mass_mailing_user"))
        keys = {tile["key"] for tile in view["tiles"]}
        self.assertIn("mailings", keys)
        self.assertFalse(keys & {"revenue", "last_order", "unpaid", "leads"})
        self.assertFalse(view["value"])
        self.assertFalse(view["chart"]["revenue"])

    def test_plain_user_of_the_suite_sees_no_figures(self):
        view = self._open(self.user)
        keys = {tile["key"] for tile in view["tiles"]}
        self.assertFalse(keys & {"revenue", "last_order", "unpaid", "leads"})
        self.assertEqual(view["timeline"]["events"], [])

    def test_a_rule_on_mailings_cuts_the_chart_of_engagement(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Offers",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": "res.partner",
                "res_id": self.customer.id,
                "email": self.customer.email,
                "trace_status": "open",
                "sent_datetime": "2026-01-01",
                "open_datetime": self.env.cr.now(),
            }
        )
        opened = self.env.ref("crm_lifecycle.crm_customer_event_type_mailing_opened")
        opened._insert_events(Domain.TRUE)
        user = self._add_user("mass_mailing.group_mass_mailing_user")
        profile = self._get_profile().with_user(user)
        self.assertEqual(sum(profile._get_360_chart()["engagement"]), 1)
        self.env["crm.customer.event.total"].create(
            {
                "type_id": opened.id,
                "partner_id": self.customer.id,
                "company_id": self.env.company.id,
                "month": fields.Date.today().replace(day=1),
                "event_count": 4,
            }
        )
        chart = profile._get_360_chart()
        self.assertEqual(chart["engagement"][-1], 5, "expired events still count")
        self.env["ir.rule"].create(
            {
                "name": "No traces",
                "model_id": self.env["ir.model"]._get_id("mailing.trace"),
                "domain_force": "[('create_uid', '=', user.id)]",
            }
        )
        self.assertEqual(sum(profile._get_360_chart()["engagement"]), 0)
        plain = self._get_profile().with_user(self.user)
        self.assertEqual(sum(plain._get_360_chart()["engagement"]), 0)

    def test_orders_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        self._create_order(amount=5000, company_id=other.id)
        self.profile._refresh()
        profile = self._get_profile().filtered(
            lambda profile: profile.company_id == self.env.company
        )
        self.assertEqual(profile.visible_orders, "all")
        self.assertEqual(profile.visible_revenue, 1000)

    # ------------------------------------------------------------
    # Lists, forms, searches
    # ------------------------------------------------------------

    def test_figures_of_all_orders_are_for_who_may_see_all_orders(self):
        profile = self._get_profile()
        for user in (
            self.manager,
            *map(
                self._add_user,
                (
                    "sales_team.group_sale_salesman_all_leads",
                    "mass_mailing.group_mass_mailing_user",
                    "account.group_account_invoice",
                ),
            ),
        ):
            with self.subTest(user.login):
                self.assertEqual(profile.with_user(user).revenue, 1000)
        for user in (self.salesman, self.user):
            seen = profile.with_user(user)
            for ask in (
                lambda seen: seen.read(["revenue"]),
                lambda seen: seen.search([("revenue", ">", 500)]),
                lambda seen: seen.search([], order="order_count"),
                lambda seen: seen._read_group(
                    [], ["last_order_date:month"], ["__count"]
                ),
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    ask(seen)
            self.assertIn(profile, seen.search([]))

    def test_a_consultants_figure_is_cut_like_the_others(self):
        metric = self.env["crm.customer.metric"].create(
            {
                "name": "Orders of everybody",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "partner_path": "partner_id",
            }
        )
        self.profile._refresh(self.customer)
        profile = self._get_profile()
        self.assertEqual(profile.with_user(self.manager)[metric.column], 2)
        with self.assertRaises(AccessError):
            profile.with_user(self.salesman).read([metric.column])

    def test_lists_and_forms_show_what_one_may_see(self):
        profile = self._get_profile().with_user(self.salesman)
        for view_type in ("list", "form", "kanban", "search", "pivot", "graph"):
            with self.subTest(view_type):
                arch = etree.fromstring(profile.get_view(view_type=view_type)["arch"])
                shown = set(arch.xpath("//field/@name"))
                self.assertFalse(shown & profile._get_order_figures())
                for condition in arch.xpath("//filter/@domain | //filter/@context"):
                    self.assertNotIn("order_", condition)
                if view_type in ("list", "form"):
                    self.assertIn("visible_revenue", shown)
        form = etree.fromstring(profile.get_view(view_type="form")["arch"])
        self.assertFalse(form.xpath("//group[@string='Basket']"), "an empty title")
        [values] = profile.web_read(
            {"visible_revenue": {}, "visible_order_count": {}, "about_figures": {}}
        )
        self.assertEqual(values["visible_revenue"], 100)
        self.assertEqual(values["visible_order_count"], 1)
        everything = self._get_profile().with_user(self.manager)
        shown = etree.fromstring(everything.get_view(view_type="list")["arch"])
        self.assertIn("revenue", shown.xpath("//field/@name"))

    def test_a_segment_shows_its_members_to_who_may_not_ask_for_figures(self):
        segment = self.env["crm.segment"].create(
            {"name": "Buyers", "domain": "[('revenue', '>', 500)]"}
        )
        segment._refresh_members()
        seen = segment.with_user(self.salesman)
        self.assertFalse(seen.preview_error)
        self.assertEqual(seen.preview_count, 1)
        self.assertEqual(seen.preview_profile_ids.partner_id, self.customer)

    def test_no_figure_of_orders_is_forgotten(self):
        told = {
            column
            for source in self.profile._get_figure_origins()
            if source.name in ("orders", "order_lines", "quotations")
            for column in source.columns
        }
        self.assertGreater(len(told), 20)
        self.assertFalse(told - self.profile._get_order_figures())

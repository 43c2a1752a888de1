from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmDashboard(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._create_history(
            [[(400, 50), (10, 100)], [(20, 300)], [(500, 70)]]
        )
        for kind in ("rfm", "clv", "churn", "retention"):
            cls._run_analysis(kind)

    def _get_dashboard(self, user=None, board="management", **choices):
        dashboard = self.env["crm.dashboard"].with_user(user or self.env.user)
        return dashboard.with_company(self.company).get_dashboard(board, **choices)

    def _get_charts(self, *args, **choices):
        charts = self._get_dashboard(*args, **choices)["charts"]
        return {chart["key"]: chart for chart in charts}

    def test_figures(self):
        tiles = {tile["key"]: tile["value"] for tile in self._get_dashboard()["tiles"]}
        self.assertEqual(tiles["customers"], "3")
        self.assertIn("400", tiles["revenue"], "the last twelve months only")
        self.assertEqual(tiles["repeat"], "33.3%")

    def test_each_bar_opens_what_it_counts(self):
        for board in ("management", "value"):
            for chart in self._get_dashboard(board=board)["charts"]:
                if chart["model"] != "crm.customer.profile":
                    continue
                bars = chart.get("bars") or sum(chart["cells"], [])
                for bar in bars:
                    if chart["key"] != "churn_risk":
                        found = self.profile.search_count(bar["domain"])
                        # Not yet a customer: no line in the migration either.
                        if chart["key"].startswith("migration") and not any(
                            value for _name, _is, value in bar["domain"][:2]
                        ):
                            continue
                        self.assertEqual(found, bar["value"], (chart["key"], bar))

    def test_days_of_the_revenue(self):
        bars = self._get_charts(months=24)["revenue"]["bars"]
        self.assertEqual(sum(bar["value"] for bar in bars), 520)
        orders = self.env["sale.order"]
        for bar in bars:
            found = orders.search(bar["domain"])
            self.assertEqual(sum(found.mapped("amount_untaxed")), bar["value"])
        today = self.env.cr.now().date()
        bars = self._get_charts(date_from=str(today.replace(day=1)), date_to=str(today))
        self.assertLess(len(bars["revenue"]["bars"]), 2)

    def test_months_without_orders_are_shown(self):
        bars = self._get_charts(months=24)["revenue"]["bars"]
        first, last = bars[0]["label"], bars[-1]["label"]
        months = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])
        self.assertEqual(len(bars), months + 1, "no gap between two months")
        self.assertIn(0, [bar["value"] for bar in bars])

    def test_month_is_that_of_the_time_zone(self):
        lead = self.env["crm.lead"].create(
            {"name": "At night", "company_id": self.company.id}
        )
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = '2026-01-31 18:00' WHERE id = %s",
            lead.ids,
        )
        self.env.invalidate_all()
        self.env = self.env(context={**self.env.context, "tz": "Pacific/Auckland"})
        chart = self._get_charts(
            board="marketing", date_from="2026-01-15", date_to="2026-02-15"
        )["leads_by_month"]
        [bar] = [bar for bar in chart["bars"] if bar["label"] == "2026-02"]
        self.assertIn(lead, self.env["crm.lead"].search(bar["domain"]))

    def test_lost_leads_are_counted_and_opened(self):
        leads = self.env["crm.lead"].create(
            [{"name": name, "company_id": self.company.id} for name in ("on", "lost")]
        )
        leads[1].action_set_lost()
        board = self._get_dashboard(board="marketing", months=1)
        [tile] = [tile for tile in board["tiles"] if tile["key"] == "leads"]
        opened = self.env["crm.lead"].search(tile["action"]["domain"])
        self.assertEqual(opened & leads, leads)
        self.assertEqual(tile["value"], str(len(opened)))
        for chart in board["charts"]:
            if chart["key"].startswith("leads_by"):
                counted = sum(bar["value"] for bar in chart["bars"])
                self.assertEqual(counted, len(opened), chart["key"])

    def test_value_at_risk_opens_all_who_make_it(self):
        tiles = {tile["key"]: tile for tile in self._get_dashboard()["tiles"]}
        found = self.profile.search(tiles["value_at_risk"]["action"]["domain"])
        at_risk = sum(each.clv * each.churn_probability for each in found)
        self.assertEqual(
            tiles["value_at_risk"]["value"],
            self.env["crm.dashboard"]
            .with_company(self.company)
            ._format_amount(at_risk),
        )

    def test_moves_of_an_earlier_month_do_not_open_those_of_the_last(self):
        moves = self.env["crm.customer.migration"]
        month = moves.search([("company_id", "=", self.company.id)], limit=1).month
        self.env.cr.execute(
            "UPDATE crm_customer_migration SET month = month - interval '1 month' "
            "WHERE company_id = %s RETURNING id",
            self.company.ids,
        )
        moves.invalidate_model()
        moves._refresh(self.company)
        before = str(month - timedelta(days=1))
        for date_to, is_open in ((before, False), (False, True)):
            charts = self._get_charts(board="value", date_to=date_to)
            cells = sum(charts["migration_rfm_segment"]["cells"], [])
            self.assertTrue(any(cell["value"] for cell in cells), date_to)
            self.assertEqual(any("domain" in cell for cell in cells), is_open, date_to)

    def test_stages_stand_in_their_order(self):
        stages = self.env["crm.stage"].search([], limit=3)
        for stage, amount in zip(stages, (1, 30, 20), strict=True):
            self.env["crm.lead"].create(
                {
                    "name": stage.name,
                    "type": "opportunity",
                    "stage_id": stage.id,
                    "company_id": self.company.id,
                    "expected_revenue": amount,
                }
            )
        labels = [
            bar["label"] for bar in self._get_charts(board="sales")["stages"]["bars"]
        ]
        self.assertEqual(
            [label for label in labels if label in stages.mapped("name")],
            stages.mapped("name"),
        )

    def test_another_company_has_figures_of_its_own(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        dashboard = self.env["crm.dashboard"].with_context(
            allowed_company_ids=(self.company + other).ids
        )
        for company, expected in ((self.company, "3"), (other, "0")):
            tiles = dashboard.get_dashboard("management", company=company.id)["tiles"]
            self.assertEqual(tiles[0]["value"], expected)

    def test_who_may_not_see_orders_sees_no_revenue_by_month(self):
        self.assertNotIn("revenue", self._get_charts(self.analyst))

    def test_dashboard_is_not_for_every_employee(self):
        employee = new_test_user(self.env, "nosy", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._get_dashboard(employee)

    def test_number_of_queries_is_constant(self):
        self._get_dashboard()
        self.env.invalidate_all()
        with self.assertQueryCount(16):
            self._get_dashboard()

    def test_a_salesperson_sees_his_part(self):
        seller = new_test_user(
            self.env,
            "seller_of_one",
            groups="sales_team.group_sale_salesman,"
            "crm_lifecycle.crm_lifecycle_group_user,crm_analytics.crm_analytics_group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.customers[0].user_id = seller
        (self.customers - self.customers[0]).user_id = self.manager
        self.env["sale.order"].search(
            [("partner_id", "in", self.customers.ids)]
        ).user_id = self.manager
        self.env["sale.order"].search(
            [("partner_id", "=", self.customers[0].id)]
        ).user_id = seller
        self.profile._refresh(self.customers)
        self.env["crm.customer.summary"]._refresh(self.company)
        self.env["crm.document.summary.mixin"]._refresh_all()
        tiles = {t["key"]: t["value"] for t in self._get_dashboard(seller)["tiles"]}
        self.assertEqual(tiles["customers"], "1")
        bars = self._get_charts(seller, "sales", months=24)["revenue"]["bars"]
        self.assertEqual(sum(bar["value"] for bar in bars), 150)

    def test_boards_of_each_role(self):
        def boards(user):
            dashboard = self.env["crm.dashboard"].with_user(user)
            return {board["key"] for board in dashboard.get_boards()["boards"]}

        seller = new_test_user(
            self.env, "plain_seller", groups="sales_team.group_sale_salesman"
        )
        self.assertIn("sales", boards(seller))
        self.assertNotIn("management", boards(seller))
        with self.assertRaises(AccessError):
            self._get_dashboard(seller, "management")
        self.assertLessEqual({"management", "value"}, boards(self.analyst))


@tagged("post_install", "-at_install")
class TestPipelineWaterfall(AnalyticsCase):
    def test_what_changed_closes(self):
        leads = self.env["crm.lead"].with_context(tracking_disable=False).create(
            [
                {
                    "name": name,
                    "type": "opportunity",
                    "company_id": self.company.id,
                    "expected_revenue": amount,
                }
                for name, amount in (
                    ("old, grew", 100), ("old, won", 200), ("old, lost", 300),
                    ("new, shrank", 400), ("old, unchanged", 50),
                )
            ]
        )  # fmt: skip
        self.flush_tracking()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = now() - interval '60 day' "
            "WHERE id = ANY(%s)",
            [(leads - leads[3]).ids],
        )
        self.env.invalidate_all()
        grew, won, lost, shrank, _unchanged = leads
        grew.expected_revenue = 150
        shrank.expected_revenue = 380
        self.flush_tracking()
        won.expected_revenue = 260
        won.action_set_won()
        lost.action_set_lost()
        self.flush_tracking()
        today = self.env.cr.now().date()
        parts = self.env["crm.lead"]._get_pipeline_changes(
            today.replace(day=1), today, self.company.ids
        )
        self.assertEqual(
            parts,
            {
                "opening": 650,
                "new": 400,
                "up": 110,
                "down": -20,
                "won": -260,
                "lost": -300,
                "closing": 580,
            },
        )

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()


@tagged("post_install", "-at_install")
class TestFunnelToCash(AnalyticsCase):
    def test_agrees_with_accounting_to_the_cent(self):
        self.env = self.env(
            context={
                **self.env.context,
                "allowed_company_ids": self.env.ref("base.main_company").ids,
            }
        )
        company = self.env.company
        if not company.account_sale_tax_id and not self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
        ):
            self.env["account.chart.template"].try_loading(
                "generic_coa", company, install_demo=False
            )
        customer = self.env["res.partner"].create({"name": "Funnel Ltd"})
        lead = self.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "partner_id": customer.id,
                "company_id": company.id,
                "expected_revenue": 500,
            }
        )
        product = self.env["product.product"].create(
            {"name": "Gadget", "type": "service", "invoice_policy": "order",
             "taxes_id": [Command.clear()]}
        )  # fmt: skip
        before = self._get_funnel()
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "opportunity_id": lead.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "price_unit": price})
                    ],
                }
                for price in (123.45, 67.89)
            ]
        )
        orders[0].action_confirm()
        invoice = orders[0]._create_invoices()
        invoice.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": 100})._create_payments()
        after = self._get_funnel()
        gained = {key: round(after[key] - before[key], 2) for key in after}
        self.assertEqual(
            gained,
            {
                "Expected": 0,
                "Quoted": 191.34,
                "Ordered": 123.45,
                "Invoiced": 123.45,
                "Paid": 100,
            },
        )
        self.assertAlmostEqual(
            after["Invoiced"] - after["Paid"] - before["Invoiced"] + before["Paid"],
            invoice.amount_residual_signed,
            places=2,
        )

    def _get_funnel(self):
        self.env.flush_all()
        board = self.env["crm.dashboard"].get_dashboard("sales", months=1)
        [chart] = [chart for chart in board["charts"] if chart["key"] == "funnel"]
        return {bar["label"]: bar["value"] for bar in chart["bars"]}

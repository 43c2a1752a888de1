from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmKpi(AnalyticsCase):
    def _create_kpi(self, **values):
        return self.env["crm.kpi"].create(
            {
                "name": "Orders",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "domain": "[('state', '=', 'sale')]",
                "company_id": self.company.id,
                "target": 4,
                **values,
            }
        )

    def test_actual_variance_and_light(self):
        self._create_history([[(1, 100)], [(2, 300)], [(3, 200)]])
        kpi = self._create_kpi()
        self.assertEqual((kpi.actual, kpi.variance, kpi.light), (3, -25, "red"))
        kpi.tolerance = 30
        self.assertEqual(kpi.light, "amber")
        kpi.target = 3
        self.assertEqual(kpi.light, "green")

    def test_less_is_better(self):
        self._create_history([[(1, 100)], [(2, 300)]])
        kpi = self._create_kpi(direction="down", target=1)
        self.assertEqual(kpi.light, "red")
        kpi.target = 2
        self.assertEqual(kpi.light, "green")

    def test_sum_and_average(self):
        self._create_history([[(1, 100)], [(2, 300)]])
        amount = self.env["ir.model.fields"]._get("sale.order", "amount_untaxed").id
        kpi = self._create_kpi(aggregate="sum", field_id=amount)
        self.assertEqual(kpi.actual, 400)
        kpi.aggregate = "avg"
        self.assertEqual(kpi.actual, 200)

    def test_an_average_of_nothing_has_no_light(self):
        amount = self.env["ir.model.fields"]._get("sale.order", "amount_untaxed").id
        kpi = self._create_kpi(
            aggregate="avg", field_id=amount, direction="down", target=5
        )
        kpi.action_snapshot()
        self.assertFalse(kpi.light)
        self.assertFalse(kpi.month_ids.light)
        self.assertFalse(kpi.snapshot_ids)
        self.assertFalse(kpi.baseline_date)
        self.assertIn("–", kpi.preview)
        self._create_history([[(0, 3)]])
        kpi.action_snapshot()
        self.assertEqual((kpi.actual, kpi.light), (3, "green"))
        self.assertEqual(kpi.snapshot_ids.actual, 3)

    def test_a_manager_without_other_rights_defines_a_kpi(self):
        self._create_history([[(1, 100)], [(2, 300)]])
        manager = new_test_user(
            self.env,
            "kpi_manager",
            groups="crm_analytics.crm_analytics_group_manager,"
            "sales_team.group_sale_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        env = self.env(user=manager)
        self.assertTrue(env["ir.model"].name_search("Sales Order"))
        with Form(env["crm.kpi"]) as form:
            self.assertFalse(form.preview, "there is nothing to preview yet")
            form.name = "Sales"
            form.model_id = env["ir.model"]._get("sale.order")
            form.aggregate = "sum"
            form.field_id = env["ir.model.fields"].search(
                [("model", "=", "sale.order"), ("name", "=", "amount_untaxed")]
            )
            form.target = 500
        self.assertEqual(form.record.actual, 400)

    def test_documents_of_another_company_do_not_count(self):
        self._create_history([[(1, 100)]])
        other = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self._create_kpi(company_id=other.id).actual, 0)

    def test_a_measure_that_cannot_be_taken_is_refused(self):
        for values in ({"domain": "[('nothing', '=', 1)]"}, {"aggregate": "sum"}):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._create_kpi(**values)

    def test_who_may_not_read_the_documents_does_not_measure_them(self):
        head = new_test_user(
            self.env,
            "kpi_head",
            groups="crm_analytics.crm_analytics_group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.env["crm.kpi"].with_user(head).create(
                {
                    "name": "Peek",
                    "model_id": self.env["ir.model"]._get_id("ir.config_parameter"),
                    "company_id": self.company.id,
                    "target": 1,
                }
            )

    def test_snapshot_of_the_day_is_written_once(self):
        kpi = self._create_kpi()
        kpi.action_snapshot()
        self._create_history([[(1, 100)]])
        kpi.action_snapshot()
        self.assertEqual(kpi.snapshot_ids.mapped("actual"), [1])

    def test_off_target_opens_one_activity(self):
        kpi = self._create_kpi(user_id=self.analyst.id)
        cron = self.env.ref("crm_analytics.ir_cron_snapshot_kpis")
        for _day in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.assertEqual(len(kpi.activity_ids), 1)
        self.assertEqual(kpi.activity_ids.user_id, self.analyst)

    def test_a_closed_month_never_changes(self):
        kpi = self._create_month_kpi()
        today = self.env.cr.now().date()
        last = today.replace(day=1) - relativedelta(months=1)
        days = (today - last).days - 3
        self._create_history([[(days, 100)], [(days, 300)]])
        line = self.env["crm.kpi.month"].create(
            {"kpi_id": kpi.id, "month": last, "target": 4}
        )
        kpi.action_snapshot()
        closed = {"actual": 2, "target": 4, "variance": -50, "light": "red",
                  "is_closed": True}  # fmt: skip
        self.assertRecordValues(line, [closed])
        self._create_history([[(days, 200)]])
        kpi.target = 1
        kpi.action_snapshot()
        self.assertRecordValues(line, [closed])
        for change in ({"target": 1}, {"actual": 4}, {"is_closed": False}):
            with self.assertRaises(UserError):
                line.write(change)
        with self.assertRaises(UserError):
            line.unlink()
        line.comment = "Two orders came late"

    def test_a_snapshot_of_a_month_that_is_over_does_not_change(self):
        kpi = self._create_kpi()
        snapshot = self.env["crm.kpi.snapshot"].create(
            {"kpi_id": kpi.id, "date": "2020-01-31", "actual": 3}
        )
        with self.assertRaises(UserError):
            snapshot.actual = 4

    def test_month_without_a_target_of_its_own_has_that_of_the_kpi(self):
        kpi = self._create_month_kpi(target=10)
        kpi.action_plan_year()
        self.assertEqual(kpi.month_ids.mapped("target"), 12 * [10])
        month = kpi.month_ids.sorted("month")[0]
        month.target = 2
        self.assertEqual(kpi.current_target, 2)
        kpi.action_plan_year()
        self.assertEqual(len(kpi.month_ids), 12)

    def test_off_target_names_the_probable_cause_once_a_month(self):
        today = self.env.cr.now().date()
        days = (today - today.replace(day=1)).days + 3
        customers = self._create_history([[(days, 1)], [(days, 1)], [(days, 1)]])
        weak = new_test_user(self.env, "weak_seller", groups="base.group_user")
        self.env["sale.order"].search(
            [("partner_id", "in", customers[:2].ids)]
        ).user_id = weak
        kpi = self._create_month_kpi(
            user_id=self.analyst.id,
            cause_field_id=self.env["ir.model.fields"]._get("sale.order", "user_id").id,
            corrective_action="Train him",
        )
        kpi.action_snapshot()
        kpi._alert()
        self.assertIn("weak_seller", kpi.activity_ids.note)
        self.assertIn("Train him", kpi.activity_ids.note)
        kpi.activity_ids.action_done()
        kpi.action_snapshot()
        kpi._alert()
        self.assertFalse(kpi.activity_ids, "once a month")

    def test_share_and_other_aggregates(self):
        self._create_history([[(0, 100)], [(0, 300)], [(0, 300)]])
        kpi = self._create_month_kpi(
            aggregate="share", share_domain="[('amount_untaxed', '>', 200)]"
        )
        self.assertAlmostEqual(kpi.actual, 200 / 3)
        field = self.env["ir.model.fields"]._get("sale.order", "amount_untaxed").id
        for aggregate, expected in (("min", 100), ("max", 300)):
            kpi.write({"aggregate": aggregate, "field_id": field})
            self.assertEqual(kpi.actual, expected)
        partner = self.env["ir.model.fields"]._get("sale.order", "partner_id").id
        kpi.write({"aggregate": "count_distinct", "field_id": partner})
        self.assertEqual(kpi.actual, 3)

    def test_preview_shows_the_figure_and_documents(self):
        self._create_history([[(0, 100)]])
        kpi = self._create_month_kpi()
        self.assertIn(">1<", kpi.preview)
        order = self.env["sale.order"].search([("company_id", "=", self.company.id)])
        self.assertIn(order.display_name, kpi.preview)

    def test_baseline_and_benefit_after_90_days(self):
        kpi = self._create_kpi()
        self.assertEqual((kpi.baseline, kpi.benefit), (0, 0))
        self._create_history([[(1, 100)], [(1, 100)]])
        kpi.action_snapshot()
        self.assertEqual(kpi.benefit, 0, "not yet")
        kpi.baseline_date -= timedelta(days=90)
        self.assertEqual(kpi.benefit, 2)

    def test_twenty_figures_are_read_not_measured(self):
        kpis = self.env["crm.kpi"].concat(*(self._create_kpi() for _ in range(20)))
        names = ["name", "actual", "variance", "light"]
        seen = kpis.with_user(self.analyst)
        seen.read(names)
        self.env.flush_all()
        seen.invalidate_model()
        with self.assertQueryCount(2):
            seen.read(names)

    def test_objective_with_steps_and_measures(self):
        kpi = self._create_kpi()
        objective = self.env["crm.kpi.objective"].create(
            {
                "name": "Sell more",
                "company_id": self.company.id,
                "step_ids": [
                    Command.create({"name": "One", "is_done": True}),
                    Command.create({"name": "Two"}),
                ],
                "kpi_ids": [Command.link(kpi.id)],
            }
        )
        self.assertEqual((objective.progress, objective.red_count), (50, 1))

    def _create_month_kpi(self, **values):
        field = self.env["ir.model.fields"]._get("sale.order", "date_order")
        return self._create_kpi(date_field_id=field.id, **values)

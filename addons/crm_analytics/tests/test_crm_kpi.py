from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

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
        kpi.invalidate_recordset(["actual"])
        kpi.action_snapshot()
        self.assertEqual(kpi.snapshot_ids.mapped("actual"), [1])

    def test_off_target_opens_one_activity(self):
        kpi = self._create_kpi(user_id=self.analyst.id)
        for _day in range(2):
            self.env["crm.kpi"]._cron_snapshot()
        self.assertEqual(len(kpi.activity_ids), 1)
        self.assertEqual(kpi.activity_ids.user_id, self.analyst)

from datetime import timedelta
from unittest.mock import patch

import numpy as np

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..analysis_results import charts, packed_columns, quality_table
from ..models import crm_analytics_run_results
from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmAnalyticsRunResults(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._create_history(
            [[(10 * number, 100 + number)] for number in range(1, 13)]
        )
        cls.profiles = cls.profile.concat(*cls._get_profiles(cls.customers))

    def _create_run(self, kind, **values):
        return self.run_model.create(
            {"kind": kind, "company_id": self.company.id, **values}
        )

    def _values(self):
        return self.profiles.mapped("clv")

    def test_earlier_results_come_back(self):
        first = self._run_analysis("clv", margin_rate=50)
        before = self._values()
        second = self._run_analysis("clv", margin_rate=100)
        self.assertNotEqual(self._values(), before)
        self.assertRecordValues(
            first + second, [{"is_current": False}, {"is_current": True}]
        )
        first.action_use_results()
        self.assertEqual(self._values(), before)
        self.assertRecordValues(
            first + second,
            [
                {"is_current": True, "is_pinned": True, "state": "done"},
                {"is_current": False, "is_pinned": False, "state": "done"},
            ],
        )

    def test_pinned_results_outlive_the_night(self):
        first = self._run_analysis("clv", margin_rate=50)
        self._run_analysis("clv", margin_rate=100)
        first.action_use_results()
        before = self._values()
        tonight = self._create_run("clv", margin_rate=70)
        tonight._run()
        self.assertRecordValues(tonight, [{"state": "done", "is_current": False}])
        self.assertEqual(self._values(), before)
        first.action_unpin()
        tonight.copy()._run()
        self.assertNotEqual(self._values(), before)

    def test_a_trial_leaves_the_profiles_alone(self):
        self._run_analysis("clv", margin_rate=50)
        before = self._values()
        trial = self._run_analysis("clv", margin_rate=100, is_trial=True)
        self.assertEqual(self._values(), before)
        self.assertFalse(trial.is_current)
        trial.action_use_results()
        self.assertEqual(self._values(), [2 * value for value in before])
        self.assertFalse(trial.is_pinned, "there is no newer one")

    def test_who_has_no_result_has_no_old_one(self):
        self._run_analysis("rfm")
        self.assertTrue(all(self.profiles.mapped("rfm_segment")))
        today = self.env.cr.now().date()
        self._run_analysis("rfm", date_from=today.replace(year=today.year - 1))
        self.assertTrue(all(self.profiles.mapped("rfm_segment")))
        self.env.cr.execute(
            "UPDATE sale_order SET state = 'cancel' WHERE partner_id = %s",
            [self.customers[0].id],
        )
        self._run_analysis("rfm")
        self.assertEqual(
            [bool(cell) for cell in self.profiles.mapped("rfm_segment")],
            [False] + 11 * [True],
        )

    def test_who_objects_gets_nothing_back(self):
        first = self._run_analysis("rfm")
        self._run_analysis("rfm")
        self.env["crm.consent"]._record(
            self.customers[0], "profiling", "use", False, "Test", "No"
        )
        first.action_use_results()
        self.assertFalse(self.profiles[0].rfm_segment)
        self.assertTrue(self.profiles[1].rfm_segment)

    def test_data_window(self):
        today = self.env.cr.now().date()
        run = self._run_analysis("rfm", date_from=today.replace(year=today.year - 1))
        self.assertEqual(run.customer_count, 12)
        self.env.cr.execute("SELECT now()::date - 65, now()::date - 35")
        begin, end = self.env.cr.fetchone()
        run = self._run_analysis("rfm", date_from=begin, date_to=end, is_trial=True)
        self.assertEqual(run.customer_count, 3, "bought 40, 50 and 60 days ago")

    def test_a_killed_run_goes_on_with_the_next_part(self):
        with patch.object(crm_analytics_run_results, "WRITE_BATCH", 5):
            run = self._create_run("rfm")
            run._run_step_guarded()
            self.assertEqual(run.state, "computed")
            self.assertEqual(len(run.result_ids.sudo()), 3)
            run._run_step_guarded()
            self.assertEqual((run.written_count, run.state), (5, "computed"))
        with patch.object(type(run), "_analyse_rfm", side_effect=AssertionError):
            cron = self.env.ref("crm_analytics.ir_cron_run_analyses")
            with (
                mute_logger("odoo.addons.crm_analytics.models"
                            ".crm_analytics_run_nightly"),
                self.enter_registry_test_mode(),
            ):  # fmt: skip
                cron.method_direct_trigger()
        self.assertRecordValues(
            run, [{"written_count": 12, "state": "done", "is_current": True}]
        )
        self.assertTrue(all(self.profiles.mapped("rfm_segment")))

    def test_old_results_are_dropped_but_not_those_in_use(self):
        first = self._run_analysis("rfm")
        runs = self.run_model.concat(*(self._run_analysis("rfm") for _ in range(11)))
        first.action_use_results()
        self.run_model._gc_old_runs()
        self.assertTrue(first.has_results)
        self.assertEqual(runs.mapped("has_results"), [False] + 10 * [True])
        with self.assertRaises(UserError):
            runs[0].action_use_results()
        with self.assertRaises(UserError):
            first.unlink()

    def test_two_runs_side_by_side(self):
        first = self._run_analysis("clv", margin_rate=50)
        second = self._run_analysis("clv", margin_rate=100)
        compare = self.env["crm.analytics.run.compare"]
        wizard = compare.with_context(active_ids=second.ids).create({})
        self.assertEqual((wizard.first_id, wizard.second_id), (first, second))
        self.assertIn(">50<", wizard.comparison)
        self.assertIn(">100<", wizard.comparison)
        self.assertIn("12 of 12", wizard.comparison, "each value is another")
        rfm = self._run_analysis("rfm")
        with self.assertRaises(UserError):
            compare.with_context(active_ids=(first + rfm).ids).create({})

    def test_who_may_use_results(self):
        run = self._run_analysis("rfm")
        self._run_analysis("rfm")
        with self.assertRaises(AccessError):
            run.with_user(self.analyst).action_use_results()
        with self.assertRaises(AccessError):
            run.with_user(self.analyst).action_run()
        head = new_test_user(
            self.env,
            "head_of_runs",
            groups="crm_analytics.crm_analytics_group_manager",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        run.with_user(head).action_use_results()
        self.assertTrue(run.is_current)

    def test_run_again_leaves_the_first_as_it_was(self):
        run = self._run_analysis("clv", margin_rate=50)
        action = run.action_run()
        again = self.run_model.browse(action["res_id"])
        self.assertNotEqual(again, run)
        self.assertEqual((again.margin_rate, again.state), (50, "done"))

    def test_run_is_told_from_another_of_that_day(self):
        first, second = self._run_analysis("rfm"), self._run_analysis("rfm")
        first.date -= timedelta(hours=3)
        self.assertNotEqual(first.display_name, second.display_name)
        compare = self.env["crm.analytics.run.compare"]
        wizard = compare.with_context(active_ids=(first + second).ids).create({})
        self.assertIn("At risk", wizard.comparison)
        self.assertNotIn("at_risk", wizard.comparison)

    def test_each_kind_says_what_it_answers(self):
        for kind, label in self.run_model._fields["kind"].selection:
            self.assertTrue(self.run_model.new({"kind": kind}).explanation, label)

    def test_quality_stands_in_its_order(self):
        run = self._run_analysis("rfm")
        run.invalidate_recordset()
        labels = run._get_quality_labels()
        places = [run.quality_html.find(f">{labels[key]}<") for key in labels]
        places = [place for place in places if place >= 0]
        self.assertGreater(len(places), 4)
        self.assertEqual(places, sorted(places), "as the segments stand, not by key")

    def test_charts_and_quality_are_shown(self):
        run = self._run_analysis("rfm")
        self.assertIn("At risk", run.quality_html)
        grid = run.charts[0]
        self.assertEqual(sum(map(sum, grid["cells"])), 12)


@tagged("post_install", "-at_install")
class TestPackedColumns(AnalyticsCase):
    def test_columns_come_back_as_they_were(self):
        ids = np.array([3, 5, 8])
        columns = {
            "number": np.array([1.5, np.nan, 2]),
            "word": np.array(["low", None, "high"], dtype=object),
            "day": np.array(["2026-01-31", "NaT", "2026-02-01"], "datetime64[D]"),
        }
        again_ids, again = packed_columns.unpack(packed_columns.pack(ids, columns))
        self.assertEqual(again_ids.tolist(), [3, 5, 8])
        self.assertEqual(packed_columns.listed(again["number"]), [1.5, None, 2])
        self.assertEqual(packed_columns.listed(again["word"]), ["low", None, "high"])
        self.assertIsNone(packed_columns.listed(again["day"])[1])

    def test_tenths(self):
        forecast, actual = charts.tenths(np.linspace(1, 0, 100), np.arange(100) < 10)
        self.assertEqual(actual.tolist(), [1] + 9 * [0])
        self.assertGreater(forecast[0], 0.9)

    def test_figures_as_people_read_them(self):
        self.assertEqual(quality_table.format_figure(0.24312), "0.2431")
        self.assertEqual(quality_table.format_figure(12000.0), "12,000")
        self.assertEqual(
            quality_table.flatten({"a": {"r": 1}, "b": [2, 3]}),
            {"a.r": 1, "b.1": 2, "b.2": 3},
        )

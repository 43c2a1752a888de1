import random
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmAnalyticsRun(AnalyticsCase):
    def test_rfm_by_limits_that_i_enter(self):
        customers = self._create_history(
            [[(30, 1000)], [(31, 50), (91, 50)], [(400, 10)]]
        )
        run = self._run_analysis(
            "rfm",
            rfm_scoring="fixed",
            rfm_recency_limits="30; 90; 180; 365",
            rfm_frequency_limits="2, 3, 5, 10",
            rfm_monetary_limits="100; 500; 1000; 5000",
        )
        self.assertEqual(run.method, "Fixed limits")
        self.assertEqual(run.quality["rfm_recency_limits"], "30; 90; 180; 365")
        scores = [
            (
                profile.rfm_recency_score,
                profile.rfm_frequency_score,
                profile.rfm_monetary_score,
            )
            for profile in self._get_profiles(customers)
        ]
        self.assertEqual(scores, [(5, 1, 4), (4, 2, 2), (1, 1, 1)])
        self.assertIn("30; 90; 180; 365", run.quality_html)

    def test_rfm_limits_of_the_first_time_are_kept(self):
        customers = self._create_history(
            [[(10 * place, 100 * place)] for place in range(1, 11)]
        )
        run = self._run_analysis("rfm", rfm_scoring="adaptive")
        self.assertEqual(run.rfm_monetary_limits, "300; 500; 700; 900")
        self.assertEqual(run.rfm_recency_limits, "20; 40; 60; 80")
        [first] = self._get_profiles(customers[0])
        self.assertEqual((first.rfm_recency_score, first.rfm_monetary_score), (5, 1))
        self._create_history([[(1, 5000)]] * 20)
        again = run.copy()
        again.action_run()
        self.assertEqual(again.rfm_monetary_limits, "300; 500; 700; 900")
        first.invalidate_recordset()
        self.assertEqual((first.rfm_recency_score, first.rfm_monetary_score), (5, 1))
        self._run_analysis("rfm")
        first.invalidate_recordset()
        self.assertLess(first.rfm_recency_score, 5)

    def test_rfm_limits_that_are_none_are_refused(self):
        for text in (False, "1; 2; 3", "4; 3; 2; 1", "a; b; c; d", "1; 2; 3; nan"):
            with self.subTest(text), self.assertRaises(ValidationError):
                self.run_model.create(
                    {
                        "kind": "rfm",
                        "company_id": self.company.id,
                        "rfm_scoring": "fixed",
                        "rfm_recency_limits": text,
                        "rfm_frequency_limits": "2; 3; 4; 5",
                        "rfm_monetary_limits": "2; 3; 4; 5",
                    }
                )

    def test_rfm_of_the_best_and_the_worst_customer(self):
        history = [[(10 + 30 * step, 100 + number) for step in range(number % 5 + 1)]
                   for number in range(20)]  # fmt: skip
        best = [(day, 900) for day in range(1, 30, 3)]
        worst = [(900, 1)]
        customers = self._create_history([*history, best, worst])
        run = self._run_analysis("rfm")
        self.assertEqual(run.customer_count, 22)
        *_others, first, last = self._get_profiles(customers)
        self.assertRecordValues(
            first + last,
            [
                {
                    "rfm_recency_score": 5,
                    "rfm_frequency_score": 5,
                    "rfm_monetary_score": 5,
                    "rfm_segment": "champions",
                },
                {
                    "rfm_recency_score": 1,
                    "rfm_frequency_score": 1,
                    "rfm_monetary_score": 1,
                    "rfm_segment": "hibernating",
                },
            ],
        )
        counts = [each for each in run.quality.values() if isinstance(each, int)]
        self.assertEqual(sum(counts), 22)

    def test_scores_make_segments(self):
        customers = self._create_history(
            [[(day, 10)] for day in range(300, 320)]
            + [[(day, 900) for day in range(1, 30, 3)]]
        )
        self._run_analysis("rfm")
        segment = self.env.ref("crm_analytics.crm_segment_champions")
        segment._refresh_members()
        self.assertIn(customers[-1], segment.member_ids.partner_id)
        self.assertNotIn(customers[0], segment.member_ids.partner_id)

    def test_too_few_customers_for_a_model_are_told(self):
        customers = self._create_history([[(10, 100)], [(20, 300)]])
        run = self._run_analysis("clv")
        self.assertEqual(run.method, "Past average")
        self.assertIn("Too little data", run.summary)
        self.assertEqual(self._get_profiles(customers)[1].clv, 300)

    def test_churn_without_history_uses_the_rhythm_of_buying(self):
        history = [[(300, 10), (200, 10), (100, 10)]] * 12 + [[(300, 10)]] * 12
        customers = self._create_history(history)
        run = self._run_analysis("churn")
        self.assertNotEqual(run.method, "Logistic regression")
        profiles = self._get_profiles(customers)
        self.assertTrue(all(0 <= p.churn_probability <= 1 for p in profiles))

    def test_no_order_at_all(self):
        run = self._run_analysis("rfm")
        self.assertEqual((run.state, run.customer_count), ("done", 0))
        self.assertIn("no confirmed order", run.summary)

    def test_orders_of_one_day_are_one_purchase(self):
        self._create_history([[(30, 10), (30, 20), (5, 40)]])
        customers = self.run_model.new({"company_id": self.company.id})._read_customers(
            self.env.cr.now()
        )
        self.assertEqual(customers["frequency"].tolist(), [1])
        self.assertEqual(customers["order_count"].tolist(), [3])
        self.assertEqual(customers["recency"].tolist(), [25])
        self.assertEqual(customers["revenue"].tolist(), [70])
        self.assertEqual(customers["repeat_value"].tolist(), [40])

    def test_nightly_run_keeps_the_parameters_and_runs_once_a_day(self):
        self._create_history([[(10, 100)], [(20, 300)]])
        run = self._run_analysis("clv", margin_rate=30)
        cron = self.env.ref("crm_analytics.ir_cron_run_analyses")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        mine = [("company_id", "=", self.company.id), ("kind", "=", "clv")]
        self.assertEqual(self.run_model.search(mine), run, "it ran today")
        self.env.cr.execute(
            "UPDATE crm_analytics_run SET date = date - interval '2 day' WHERE id = %s",
            [run.id],
        )
        run.invalidate_recordset()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        newest = self.run_model.search(mine, limit=1)
        self.assertNotEqual(newest, run)
        self.assertEqual((newest.margin_rate, newest.state), (30, "done"))

    def test_a_failed_analysis_is_tried_again_the_next_night(self):
        self._create_history([[(10, 100)], [(20, 300)]])
        run = self.run_model.create(
            {"kind": "clv", "company_id": self.company.id, "margin_rate": 30}
        )
        with (
            patch.object(type(run), "_analyse_clv", side_effect=ValueError("broken")),
            mute_logger("odoo.addons.crm_analytics.models.crm_analytics_run_nightly"),
        ):
            run._run_step_guarded()
        self.assertRecordValues(run, [{"state": "failed", "summary": "broken"}])
        mine = [("company_id", "=", self.company.id), ("kind", "=", "clv")]
        self.run_model._prepare_nightly_runs()
        self.assertEqual(self.run_model.search(mine), run, "not twice a day")
        run.date -= timedelta(days=1)
        run.user_id = self.analyst
        self.run_model._prepare_nightly_runs()
        again = self.run_model.search(mine) - run
        self.assertRecordValues(
            again,
            [{"state": "waiting", "margin_rate": 30, "user_id": self.env.uid}],
        )


@tagged("post_install", "-at_install")
class TestCrmAnalyticsRunOnRepeatBuyers(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        draw = random.Random(4)
        history = []
        for number in range(150):
            first = draw.randint(400, 700)
            rhythm = draw.choice((20, 60, 150))
            until = 0 if number % 3 else draw.randint(200, first)
            days = range(first, until, -rhythm)
            history.append([(day, 20 + 5 * (number % 7)) for day in days])
        history.append([(500, 40)])
        history.append([(day, 40) for day in range(500, 0, -20)])
        cls.customers = cls._create_history(history)

    def test_lifetime_value(self):
        run = self._run_analysis("clv", margin_rate=50)
        self.assertEqual(run.method, "BG/NBD and gamma-gamma")
        *_others, one_timer, regular = self._get_profiles(self.customers)
        self.assertGreater(regular.clv, 5 * one_timer.clv)
        self.assertGreater(regular.expected_orders, 8)
        self.assertLess(regular.expected_orders, 19)
        half = regular.clv
        full = self._run_analysis("clv", margin_rate=100)
        self.assertEqual(full.quality["bg_nbd"], run.quality["bg_nbd"])
        self.assertAlmostEqual(regular.clv, 2 * half, delta=0.02)

    def test_churn_is_learned_and_judged_on_a_later_period(self):
        run = self._run_analysis("churn", horizon_months=3)
        self.assertIn(run.method, ("Logistic regression", "Boosted trees"))
        self.assertIn("later period", run.summary)
        self.assertGreater(run.quality["auc"], 0.7)
        self.assertLess(run.quality["calibration_error"], 0.15)
        *_others, one_timer, regular = self._get_profiles(self.customers)
        self.assertEqual((one_timer.churn_risk, regular.churn_risk), ("high", "low"))
        self.assertTrue(one_timer.churn_reasons)
        words = self.profile._get_churn_reason_words().values()
        self.assertLessEqual(set(one_timer.churn_reasons.split("; ")), set(words))

    def test_the_360_view_advises_to_win_back_who_sees_all_orders(self):
        for kind in ("clv", "churn"):
            self._run_analysis(kind, horizon_months=3)
        *_others, one_timer, regular = self._get_profiles(self.customers)

        def read(profile, user):
            view = profile.with_user(user).get_customer_360(profile.id)
            return {item["key"]: item for item in view["tiles"] + view["next_actions"]}

        seen = read(one_timer, self.env.user)
        self.assertIn("not to order again", seen["churn"]["reason"])
        self.assertNotIn("reason", read(regular, self.env.user).get("churn", {}))
        orders = self.env["sale.order"].search(
            [("partner_id", "=", one_timer.partner_id.id)]
        )
        orders.user_id = self.manager
        company = one_timer.company_id
        self.salesman.write({"company_ids": company.ids, "company_id": company.id})
        one_timer.partner_id.user_id = self.salesman
        self.env["crm.customer.profile"]._refresh(one_timer.partner_id)
        self.assertFalse({"clv", "churn"} & set(read(one_timer, self.salesman)))

    def test_tiles_of_the_360_view(self):
        for kind in ("rfm", "clv", "churn"):
            self._run_analysis(kind)
        profile = self._get_profiles(self.customers)[-1]
        tiles = {tile["key"] for tile in profile._get_360_tiles()}
        self.assertLessEqual({"rfm", "clv", "churn"}, tiles)

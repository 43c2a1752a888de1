from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .analytics_case import AnalyticsCase

NIGHTLY = "odoo.addons.crm_analytics.models.crm_analytics_run_nightly"


@tagged("post_install", "-at_install")
class TestCrmAnalyticsRunBackground(AnalyticsCase):
    """Of many customers an analysis is not waited for, and tells when it is done."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._create_history([[(10, 100)], [(20, 300)], [(30, 50)]])
        cls.cron = cls.env.ref("crm_analytics.ir_cron_run_analyses")
        cls.manager = new_test_user(
            cls.env,
            "analytics_manager",
            groups="crm_analytics.crm_analytics_group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls._set_limit(2)

    @classmethod
    def _set_limit(cls, customers):
        cls.env["ir.config_parameter"].set_param(
            "crm_analytics.background_customers", customers
        )

    def setUp(self):
        super().setUp()
        # The analyses of all kinds and companies would take their time.
        self.startPatcher(
            patch.object(
                self.env.registry["crm.analytics.run"],
                "_prepare_nightly_runs",
                lambda runs: runs.browse(),
            )
        )

    def _create_run(self, **values):
        run = self.run_model.create(
            {"kind": "rfm", "company_id": self.company.id, **values}
        )
        return run.with_user(self.manager)

    def _wake(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def _collect_messages(self):
        """Return what is sent to the browser of the manager from now on."""
        sent = []

        def send(records, name, message, **_options):
            if records._name == "res.users" and records == self.manager:
                sent.append((name, message))

        patcher = patch.object(self.env.registry["res.users"], "_bus_send", send)
        self.startPatcher(patcher)
        return sent

    def test_it_runs_in_the_background(self):
        messages = self._collect_messages()
        run = self._create_run()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        triggers.unlink()
        run.action_run()
        self.assertTrue(triggers.search([("cron_id", "=", self.cron.id)]))
        self.assertRecordValues(
            run, [{"state": "waiting", "is_awaited": True, "user_id": self.manager.id}]
        )
        self._wake()
        self.assertRecordValues(
            run, [{"state": "done", "is_awaited": False, "is_current": True}]
        )
        followed = [m for name, m in messages if name == "crm_analytics.run_changed"]
        self.assertEqual(followed, [{"id": run.id}] * 3, "begun, computed, written")
        [told] = [m for name, m in messages if name == "simple_notification"]
        self.assertEqual(told["type"], "success")
        self.assertIn("RFM", told["title"])
        self.assertEqual(told["message"], run.summary)

    def test_of_few_customers_it_is_waited_for(self):
        self._set_limit(3)
        run = self._create_run()
        run.action_run()
        self.assertRecordValues(run, [{"state": "done", "is_awaited": False}])

    def test_without_the_scheduled_action_it_is_waited_for(self):
        self.cron.active = False
        run = self._create_run()
        run.action_run()
        self.assertEqual(run.state, "done")

    def test_a_limit_that_is_no_number_is_not_used(self):
        self._set_limit("many")
        run = self._create_run()
        run.action_run()
        self.assertEqual(run.state, "done")

    def test_a_second_press_makes_no_second_run(self):
        run = self._create_run()
        run.action_run()
        self._wake()
        for _press in range(2):
            run.action_run()
        mine = [("company_id", "=", self.company.id), ("kind", "=", "rfm")]
        self.assertEqual(
            self.run_model.search(mine).mapped("state"), ["waiting", "done"]
        )

    def test_a_failure_is_told(self):
        messages = self._collect_messages()
        run = self._create_run()
        run.action_run()
        with (
            patch.object(
                self.env.registry["crm.analytics.run"],
                "_analyse_rfm",
                side_effect=ValueError("No way"),
            ),
            mute_logger(NIGHTLY),
        ):
            self._wake()
        self.assertRecordValues(run, [{"state": "failed", "is_awaited": False}])
        [told] = [m for name, m in messages if name == "simple_notification"]
        self.assertEqual((told["type"], told["message"]), ("danger", "No way"))
        run.action_run()
        self._wake()
        self.assertEqual(run.state, "done")

    def test_what_nobody_has_run_is_left_alone(self):
        run = self._create_run()
        self._wake()
        self.assertEqual(run.state, "draft")

    def test_a_night_that_is_cut_into_many_ends_with_the_summaries(self):
        """Odoo ends a scheduled action that takes long, and starts it again."""
        progress, summed_up = [], []
        run = self._create_run()
        run.action_run()
        registry = self.env.registry

        def commit(_cron, processed=0, *, remaining):
            progress.append((processed, remaining))
            return 0 if processed else 1

        with (
            patch.object(registry["ir.cron"], "_commit_progress", commit),
            patch.object(
                registry["crm.document.summary.mixin"],
                "_refresh_all",
                lambda _summaries: summed_up.append(run.state),
            ),
        ):
            starts = 0
            while not progress or progress[-1][1]:
                self.run_model._cron_run()
                self.assertTrue(progress[-1][0], "something was done")
                starts += 1
        self.assertEqual(starts, 4, "begun, computed, written, summed up")
        self.assertEqual(summed_up, ["done"])

    def test_what_was_killed_while_computing_is_run_again(self):
        run = self._create_run(state="running")
        self._wake()
        self.assertEqual(run.state, "done")

    def test_earlier_results_come_back_in_the_background(self):
        first, second = (self._create_run() for _run in range(2))
        for run in first, second:
            run.action_run()
            self._wake()
            self.assertTrue(run.is_current)
        first.action_use_results()
        self.assertRecordValues(
            first, [{"state": "computed", "is_pinned": True, "is_awaited": True}]
        )
        self.assertTrue(second.is_current, "until they are written")
        self._wake()
        self.assertRecordValues(
            first, [{"state": "done", "is_current": True, "is_awaited": False}]
        )
        self.assertFalse(second.is_current)

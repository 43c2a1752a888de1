from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job

from odoo.addons.crm_analytics.tests.analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestQueuedRun(AnalyticsCase):
    """Analyses go through the job queue, each step as a job of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_history([[(400, 50), (10, 100)], [(20, 300)], [(500, 70)]])
        cls.manager = new_test_user(
            cls.env,
            "analytics_manager",
            groups="crm_analytics.crm_analytics_group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _create_run(self, **values):
        return self.run_model.with_user(self.manager).create(
            {"kind": "rfm", "company_id": self.company.id, **values}
        )

    def _get_jobs(self, *states):
        return self.env["queue.job"].search(
            [
                ("model_name", "=", "crm.analytics.run"),
                ("state", "in", states or ("pending",)),
            ]
        )

    def _perform_next(self):
        """Do what a host with a job runner does, in this transaction."""
        job = Job.load(self.env, self._get_jobs()[-1:].uuid)
        job.set_started()
        job.store()
        job.perform()
        job.set_done()
        job.store()

    def _work_off(self):
        while self._get_jobs():
            self._perform_next()

    def _fail(self, error):
        return patch.object(
            self.env.registry["crm.analytics.run"], "_analyse_rfm", side_effect=error
        )

    def test_a_run_started_by_hand_waits_in_the_queue(self):
        run = self._create_run()
        run.action_run()
        self.assertEqual(run.state, "waiting")
        self.assertTrue(run.is_queued)
        job = self._get_jobs()
        self.assertEqual(job.channel, "root.analytics")
        self._work_off()
        self.assertEqual((run.state, run.customer_count), ("done", 3))
        self.assertTrue(run.is_current)
        run.invalidate_recordset(["is_queued"])
        self.assertFalse(run.is_queued)

    def test_a_second_press_adds_nothing(self):
        run = self._create_run()
        run.action_run()
        run.action_run()
        self.assertEqual(len(self._get_jobs()), 1)
        self._work_off()
        for _press in range(2):
            run.action_run()
        self.assertEqual(len(self._get_jobs()), 1)
        kinds = [("kind", "=", "rfm"), ("company_id", "=", self.company.id)]
        self.assertEqual(self.run_model.search_count(kinds), 2)

    def test_every_night_each_analysis_is_queued_once(self):
        for _night in range(2):
            self.env["crm.analytics.run"]._cron_run()
        waiting = self.run_model.search([("state", "=", "waiting")])
        self.assertEqual(len(self._get_jobs()), len(waiting))
        self.assertIn("churn", waiting.mapped("kind"))

    def test_a_killed_run_goes_on_with_the_part_that_is_missing(self):
        run = self._create_run()
        results = "odoo.addons.crm_analytics.models.crm_analytics_run_results"
        with patch(f"{results}.WRITE_BATCH", 1):
            run.action_run()
            for _step in range(2):
                self._perform_next()
        self.assertEqual((run.state, run.written_count), ("computed", 1))
        computed = run.date
        # What a host that died leaves behind is put back by the job runner.
        self._work_off()
        self.assertEqual((run.state, run.written_count), ("done", 3))
        self.assertEqual(run.date, computed, "It was not computed again.")

    def test_one_run_of_a_kind_at_a_time(self):
        first, second = self._create_run(), self._create_run()
        first.action_run()
        second.action_run()
        with self.assertRaises(RetryableJobError):
            second.sudo()._run_queued_step()
        other = self._create_run(kind="retention", state="waiting")
        other.sudo()._run_queued_step()
        self.assertEqual(other.state, "done")

    def test_what_concurrent_work_causes_is_tried_again(self):
        run = self._create_run(state="waiting").sudo()
        step = "odoo.addons.crm_analytics.models.crm_analytics_run_rfm"
        with (
            patch(
                f"{step}.CrmAnalyticsRun._analyse_rfm", side_effect=SerializationFailure
            ),
            self.assertRaises(SerializationFailure),
        ):
            run._run_queued_step()
        self.assertEqual(run.state, "waiting")

    @mute_logger("odoo.addons.crm_analytics.models.crm_analytics_run_nightly")
    def test_a_failure_is_told_on_the_run_and_can_be_run_again(self):
        run = self._create_run()
        run.action_run()
        with self._fail(ValueError("No way")):
            self._work_off()
        self.assertEqual((run.state, run.summary), ("failed", "No way"))
        run.action_run()
        self._work_off()
        self.assertEqual(run.state, "done")

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError

from odoo.addons.crm_analytics.models.crm_analytics_run_background import UNFINISHED

WAIT_SECONDS = 30


class CrmAnalyticsRun(models.Model):
    """Analyses in the job queue.

    Each step of a run is a job of its own: the computing, then each part that is
    written to the profiles. A job that was killed has left nothing behind and is put
    back into the queue by the job runner, so that the run goes on with that step.
    """

    _inherit = "crm.analytics.run"

    is_queued = fields.Boolean("In the Job Queue", compute="_compute_is_queued")

    def _compute_is_queued(self):
        rows = (
            self.env["queue.job"]
            .sudo()
            ._read_group(
                [
                    ("identity_key", "in", [run._get_job_key() for run in self]),
                    ("state", "in", ("pending", "enqueued", "started")),
                ],
                ["identity_key"],
            )
        )
        keys = {key for (key,) in rows}
        for run in self:
            run.is_queued = run._get_job_key() in keys

    def _get_job_key(self):
        return f"crm_analytics_run:{self.id}"

    def _is_for_background(self):
        """The queue is there for all of them."""
        return True

    def _run_later(self):
        """Put the runs into the queue; one that waits there already is there once."""
        self._await()
        for run in self:
            run._enqueue()

    @api.model
    def _cron_run(self):
        """Put every analysis of every company into the queue, as every night."""
        for run in self._get_waiting_runs():
            run._enqueue()
        self._finish_runs()

    def _enqueue(self):
        """Put the next step of the run into the queue; it is there once at most."""
        self.ensure_one()
        self.sudo().with_delay(
            identity_key=self._get_job_key(), description=self.display_name
        )._run_queued_step()

    def _run_queued_step(self):
        """Run the next step; another job goes on with what is left.

        :raise RetryableJobError: a run of its kind and company is under way
        """
        if not self.exists() or self.state not in UNFINISHED:
            return
        before = self._get_unfinished().filtered(lambda run: run.id < self.id)
        if before or not self._try_lock_kind():
            for run in before.filtered(lambda run: not run.is_queued):
                run._enqueue()
            raise RetryableJobError(
                "An analysis of this kind is under way",
                seconds=WAIT_SECONDS,
                ignore_retry=True,
            )
        self._run_step_guarded()
        if self.state in UNFINISHED:
            self._enqueue()
        else:
            self._wake_segments()

    def _try_lock_kind(self):
        """Hold the kind and company until the job ends; tell whether it was free."""
        [(is_free,)] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)",
                f"{self._name}:{self.kind}",
                self.company_id.id,
            )
        )
        return is_free

    @api.model
    def _get_retried_errors(self):
        """What concurrent work causes is tried again by the queue."""
        return (OperationalError,)

import logging

from odoo import api, fields, models
from odoo.fields import Domain

from .crm_analytics_run_background import UNFINISHED

_logger = logging.getLogger(__name__)


class CrmAnalyticsRun(models.Model):
    """The scheduled action: every analysis of every company, every night."""

    _inherit = "crm.analytics.run"

    @api.model
    def _cron_run(self):
        """Run every analysis of every company; what was begun and killed is first.

        Results are committed as soon as they are computed, then written to the
        profiles part by part: a run that was killed goes on with the next part.
        """
        waiting = self._get_waiting_runs()
        commit = self.env["ir.cron"]._commit_progress
        # What comes after the runs is work too: without it a night is not over.
        left = len(waiting) + 1
        commit(remaining=left)
        for run in waiting:
            while run.state in UNFINISHED:
                if run.state == "waiting":
                    run._begin()
                else:
                    run._run_step_guarded()
                left -= run.state not in UNFINISHED
                if not commit(1, remaining=left):
                    return
        self._finish_runs()
        commit(1, remaining=0)

    @api.model
    def _get_waiting_runs(self):
        """Return what is to be run: what was begun and left, then tonight's runs."""
        waiting = self.search([("state", "in", UNFINISHED)], order="id")
        return waiting + self._prepare_nightly_runs()

    @api.model
    def _finish_runs(self):
        """Sum up the documents for the boards, and let the segments follow."""
        self.env["crm.document.summary.mixin"]._refresh_all()
        self._wake_segments()

    def _begin(self):
        self.state = "running"
        self._tell_progress()

    def _run_step_guarded(self):
        """Compute, or write the next part; a failure is told on the run."""
        try:
            with self.env.cr.savepoint():
                if self.state == "computed":
                    self._write_next_results()
                else:
                    self._compute_results()
        except self._get_retried_errors():
            raise
        except Exception as error:
            _logger.exception("Analysis %s failed", self.id)
            self.write(
                {"state": "failed", "summary": str(error), "date": self.env.cr.now()}
            )
        self._tell_progress()

    @api.model
    def _get_retried_errors(self):
        """Hook: return the errors after which the step is simply tried again."""
        return ()

    @api.model
    def _prepare_nightly_runs(self):
        """Make tonight's runs, with the parameters of the last run of their kind.

        Trials and what nobody has run yet are left out. A run that failed is tried
        again the next night, not at once.
        """
        runs = self.browse()
        today = fields.Datetime.to_datetime(fields.Date.context_today(self))
        for company in self.env["res.company"].search(Domain.TRUE):
            for kind in self._get_nightly_kinds():
                last = self.search(
                    [
                        ("kind", "=", kind),
                        ("company_id", "=", company.id),
                        ("is_trial", "=", False),
                        ("state", "!=", "draft"),
                    ],
                    limit=1,
                )
                if not last:
                    runs += self.create({"kind": kind, "company_id": company.id})
                elif last.state in ("done", "failed") and last._is_before(today):
                    runs += last.copy()
        runs.state = "waiting"
        return runs

    def _is_before(self, day):
        return (self.date or self.write_date) < day

    @api.model
    def _get_nightly_kinds(self):
        """Hook: return the kinds that run every night; by default all."""
        return [kind for kind, _label in self._fields["kind"].selection]

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..analysis_results import packed_columns
from ..analysis_results.outcome import Outcome

# Profiles per UPDATE: about half a second each.
WRITE_BATCH = 20_000
# Runs of a kind that can be taken back into use, beside the current one.
RUNS_WITH_RESULTS = 10
RUNS_KEPT = 100
COLUMN_ARRAYS = {
    "boolean": SQL("bool[]"),
    "char": SQL("varchar[]"),
    "date": SQL("date[]"),
    "datetime": SQL("timestamp[]"),
    "float": SQL("float8[]"),
    "integer": SQL("int4[]"),
    "json": SQL("jsonb[]"),
    "many2one": SQL("int4[]"),
    "monetary": SQL("numeric[]"),
    "selection": SQL("varchar[]"),
    "text": SQL("varchar[]"),
}


class CrmAnalyticsRun(models.Model):
    """The results of a run: kept with it, on the profiles, back again."""

    _inherit = "crm.analytics.run"

    def _say_nothing_to_analyse(self):
        """Return the outcome of an analysis without a single order."""
        return Outcome(
            self.env._("none"),
            self.env._(
                "There is no confirmed order yet: confirm orders, let the profiles "
                "refresh and run the analysis again."
            ),
            {},
        )

    def _keep_results(self, outcome):
        """Keep the columns with the run, in parts that are written one by one."""
        rows = {packed_columns.ROWS + name: each for name, each in outcome.rows.items()}
        columns = {**outcome.columns, **rows}
        if not columns:
            return
        longest = max(len(outcome.profile_ids), *map(len, columns.values()))
        starts = range(0, max(longest, 1), WRITE_BATCH)
        self.env["crm.analytics.result"].sudo().create(
            [
                {
                    "run_id": self.id,
                    "part": part,
                    "customer_count": len(outcome.profile_ids[start:][:WRITE_BATCH]),
                    "columns": packed_columns.pack(
                        outcome.profile_ids[start:][:WRITE_BATCH],
                        {
                            name: values[start:][:WRITE_BATCH]
                            for name, values in columns.items()
                        },
                    ),
                }
                for part, start in enumerate(starts)
            ]
        )

    def _is_applied(self):
        """Return whether the profiles get the results of this run."""
        return not self.is_trial and not self._get_others("is_pinned")

    def _get_others(self, flag):
        return self.search(
            [
                ("kind", "=", self.kind),
                ("company_id", "=", self.company_id.id),
                ("id", "!=", self.id),
                (flag, "=", True),
            ]
        )

    # ------------------------------------------------------------
    # To the profiles
    # ------------------------------------------------------------

    def _write_next_results(self):
        """Write one part to the profiles; with the last one the run is current."""
        parts = self.result_ids.sudo().sorted("part")
        waiting = parts.filtered(lambda part: not part.is_written)
        if waiting == parts:
            self.env["crm.customer.migration"]._open_month()
            self._clear_results_of_others(parts)
            self._clear_rows_of_others(parts)
        if waiting:
            waiting[0]._write_to_profiles()
            self.written_count += waiting[0].customer_count
        if len(waiting) <= 1:
            self._make_current()

    def _make_current(self):
        others = self._get_others("is_current")
        others.write({"is_current": False, "is_pinned": False})
        # The index allows one current run at any time.
        others.flush_recordset()
        self.write({"state": "done", "is_current": True})
        self.env["crm.customer.migration"]._refresh(self.company_id)
        self.env["crm.customer.summary"]._refresh(self.company_id)

    def _clear_results_of_others(self, parts):
        """Empty the columns of profiles that this run has no result for.

        A full join reads each side once, however few the planner expects to be filled.
        """
        names = parts[:1]._get_column_names()
        if not names:
            return
        profile = self.env["crm.customer.profile"]
        self.env.execute_query(
            SQL(
                """
                WITH gone AS MATERIALIZED (
                    SELECT profile.id
                      FROM (SELECT id FROM crm_customer_profile
                             WHERE company_id = %(company)s AND (%(filled)s)) profile
                 FULL JOIN unnest(%(ids)s::int4[]) kept (id) ON kept.id = profile.id
                     WHERE kept.id IS NULL
                )
                UPDATE crm_customer_profile SET %(emptied)s
                 WHERE id IN (SELECT id FROM gone)
                RETURNING id
                """,
                emptied=SQL(", ").join(
                    SQL("%s = NULL", SQL.identifier(name)) for name in names
                ),
                filled=SQL(" OR ").join(
                    SQL("%s IS NOT NULL", SQL.identifier(name)) for name in names
                ),
                company=self.company_id.id,
                ids=parts._get_profile_ids(),
            )
        )
        profile.invalidate_model(names)

    def _clear_rows_of_others(self, parts):
        """Hook: take away what this run has no rows for, before they are written."""

    def _write_rows(self, profile_ids, rows):
        """Hook: write what the outcome has beside the columns of the profiles.

        :param profile_ids: of one part, shape (n,)
        :param dict rows: the rows of the outcome that belong to this part
        """

    def _compare_rows(self, other):
        """Hook: return ``(label, figure of this run, of the other)`` of these rows."""
        return []

    # ------------------------------------------------------------
    # Back to an earlier run
    # ------------------------------------------------------------

    def action_use_results(self):
        """Put the results of this run back onto the profiles and hold them there."""
        self.ensure_one()
        self.check_access("write")
        if not self.has_results:
            raise UserError(
                self.env._(
                    "The results of this run are no longer kept: those of the last "
                    "%(count)s of its kind are. Run it again.",
                    count=RUNS_WITH_RESULTS,
                )
            )
        self.result_ids.sudo().is_written = False
        self._get_others("is_pinned").is_pinned = False
        self.write(
            {
                "state": "computed",
                "written_count": 0,
                "is_pinned": self._has_newer(),
                "is_trial": False,
            }
        )
        if self._is_for_background():
            self._run_later()
            return
        while self.state == "computed":
            self._write_next_results()
        self._wake_segments()

    def _has_newer(self):
        """Return whether the profiles would have the results of a later run."""
        return bool(
            self.search_count(
                [
                    ("kind", "=", self.kind),
                    ("company_id", "=", self.company_id.id),
                    ("id", ">", self.id),
                    ("state", "=", "done"),
                    ("is_trial", "=", False),
                ],
                limit=1,
            )
        )

    def action_unpin(self):
        """Let the next nightly run replace these results."""
        self.check_access("write")
        self.is_pinned = False

    @api.model
    def _wake_segments(self):
        self.env.ref("crm_lifecycle.ir_cron_refresh_segments").sudo()._trigger()

    @api.autovacuum
    def _gc_old_runs(self):
        """Keep the last runs of each kind and company, fewer with their results."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, place FROM (SELECT id, row_number() OVER (
                    PARTITION BY kind, company_id ORDER BY id DESC) AS place
                  FROM crm_analytics_run WHERE is_current IS NOT TRUE) run
                 WHERE place > %s
                """,
                RUNS_WITH_RESULTS,
            )
        )
        self.browse(run_id for run_id, place in rows if place > RUNS_KEPT).unlink()
        old = [run_id for run_id, place in rows if place <= RUNS_KEPT]
        self.env["crm.analytics.result"].search([("run_id", "in", old)]).unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_current(self):
        if self.filtered("is_current"):
            raise UserError(
                self.env._(
                    "The customer profiles carry the results of this analysis: use "
                    "those of another one first."
                )
            )

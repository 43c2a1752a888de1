import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Ids of the source table per committed batch of the history: about a second each.
BACKFILL_BATCH = 50_000
# A transaction may write a record long before it commits: a sweep looks back so far.
SWEEP_OVERLAP = timedelta(hours=1)
# What becomes true with time is dated by days, in any time zone, and found once a day.
TIME_OVERLAP = timedelta(days=3)
# What a definition can make PostgreSQL say; a lost lock or connection is not its fault.
STATEMENT_ERRORS = (psycopg2.ProgrammingError, psycopg2.DataError)


class CrmCustomerEventTypeHistory(models.Model):
    """The scheduled actions that read what was not captured at once.

    - *Back-fill* reads the whole history of a type once, in committed batches of ids.
    - *Sweep* reads every few minutes what was written since the last sweep, for types
      that no program captures.
    - *Reconcile* does so every night for the others, which imports by-pass, and for
      what becomes true with time.
    """

    _inherit = "crm.customer.event.type"

    backfill_next_id = fields.Integer("History read up to", readonly=True, copy=False)
    backfill_done = fields.Boolean("History read", readonly=True, copy=False)
    backfill_progress = fields.Integer(compute="_compute_backfill_progress")
    sweep_date = fields.Datetime("Last sweep", readonly=True, copy=False)
    suspended_reason = fields.Text(readonly=True, copy=False)

    @api.depends("backfill_next_id", "backfill_done", "model_id")
    def _compute_backfill_progress(self):
        """Return how much of the history has been read, in percent of the ids."""
        last_ids = {}
        for event_type in self:
            name = event_type.model_name
            if event_type.backfill_done:
                event_type.backfill_progress = 100
            elif not event_type.backfill_next_id or name not in self.env:
                event_type.backfill_progress = 0
            else:
                if name not in last_ids:
                    last = event_type._get_fact_model().search(
                        [], order="id DESC", limit=1
                    )
                    last_ids[name] = last.id or 1
                share = event_type.backfill_next_id / last_ids[name]
                event_type.backfill_progress = min(99, 100 * share)

    @api.model
    def _trigger_backfill(self):
        cron = self.env.ref(
            "crm_lifecycle.ir_cron_backfill_events", raise_if_not_found=False
        )
        if cron:
            cron._trigger()

    @api.model
    def _cron_backfill(self):
        """Read the history of every type that has not been read, batch by batch."""
        types = self.search(
            [("backfill_done", "=", False), ("suspended_reason", "=", False)]
        )
        left = len(types)
        self._commit_progress(remaining=left)
        for event_type in types:
            while not event_type.backfill_done:
                event_type._run_guarded(event_type._backfill_batch)
                if event_type.suspended_reason:
                    break
                # A batch is progress, too: it is not the end of the type's history.
                waiting = left - event_type.backfill_done
                if not self._commit_progress(1, remaining=waiting):
                    return
            left -= 1

    @api.model
    def _commit_progress(self, processed=0, remaining=None):
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    def _backfill_batch(self):
        """Read the next range of ids and remember how far it got."""
        self.ensure_one()
        start = self.backfill_next_id
        table = SQL.identifier(self._get_fact_model()._table)
        [(stop,)] = self.env.execute_query(
            SQL(
                "SELECT max(id) FROM "
                "(SELECT id FROM %s WHERE id > %s ORDER BY id LIMIT %s) batch",
                table,
                start,
                BACKFILL_BATCH,
            )
        )
        if stop is None:
            self._write_progress({"backfill_done": True})
            return
        self._insert_events(Domain("id", ">", start) & Domain("id", "<=", stop))
        self._write_progress({"backfill_next_id": stop})

    def _write_progress(self, vals):
        return super().write(vals)

    @api.model
    def _cron_sweep(self):
        """Capture what was written since the last sweep, for the swept types."""
        self.search([("capture", "=", "sweep"), ("by_time", "=", False)])._sweep()

    @api.model
    def _cron_reconcile(self):
        """Capture every night what was by-passed, and what the day has made true."""
        self.search(["|", ("capture", "=", "live"), ("by_time", "=", True)])._sweep()

    def _sweep(self):
        types = self.filtered(lambda event_type: not event_type.suspended_reason)
        self._commit_progress(remaining=len(types))
        for event_type in types:
            event_type._run_guarded(event_type._sweep_once)
            if not self._commit_progress(1):
                return

    def _sweep_once(self):
        now = self.env.cr.now()
        if not self.sweep_date and not self.backfill_done:
            # The history job reads everything anyway.
            self._insert_events(Domain.FALSE)
        elif self.repeats:
            since = self.sweep_date and self.sweep_date - TIME_OVERLAP
            self._insert_events(Domain.TRUE, since=since or None)
        else:
            self._insert_events(self._get_sweep_scope())
        self._write_progress({"sweep_date": now})

    def _get_sweep_scope(self):
        """Return the domain of the facts that may be new since the last sweep."""
        if not self.sweep_date:
            return Domain.TRUE
        dated = Domain(self.date_path, ">=", self.sweep_date - TIME_OVERLAP)
        if not self._get_fact_model()._log_access:
            return dated
        written = Domain("write_date", ">=", self.sweep_date - SWEEP_OVERLAP)
        return written | dated if self.by_time else written

    def _run_guarded(self, work):
        """Run ``work``; a definition that fails is suspended, the others go on."""
        try:
            with self.env.cr.savepoint():
                work()
        except (UserError, ValueError, *STATEMENT_ERRORS) as error:
            _logger.info("Customer event %s suspended: %s", self.code, error)
            self._suspend(str(error))

    def _suspend(self, reason):
        """Stop capturing this type and give its owner an activity that says why."""
        self.env.registry.clear_cache()
        known = self.suspended_reason
        result = super().write({"suspended_reason": reason})
        if not known:
            owner = self.user_id or self.env.ref("base.user_admin")
            self.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=owner.id,
                summary=self.env._("Customer event suspended"),
                note=self.env._(
                    "%(name)s is not captured any more: %(reason)s Mend the "
                    "definition, then press Resume: what was missed is read.",
                    name=self.name,
                    reason=reason,
                ),
            )
        return result

    def action_resume(self):
        """Check the definition again and read what was missed."""
        self.write({"suspended_reason": False})
        self._check_definition()
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self.action_backfill()

import logging
from datetime import timedelta

import psycopg2

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)
# Participants per transaction.
BATCH = 2000
# What happened longer before the entry is history that was read in.
LOOK_BACK = timedelta(days=30)
# Errors that say nothing about the step: the transaction is tried again.
TRANSIENT = (psycopg2.OperationalError, psycopg2.errors.SerializationFailure)


class CrmJourneyParticipant(models.Model):
    """Participants who are due take their steps, many at a time.

    A batch is one transaction: what was done and where everybody stands are committed
    together, so that a process that is killed leaves nothing half done. Several
    processes share the queue, because each skips what another has locked.
    """

    _inherit = "crm.journey.participant"

    @api.model
    def _cron_advance(self, batch=BATCH):
        """Let customers enter, end what has ended, and move on who is due."""
        journeys = self.env["crm.journey"].sudo()
        journeys._enrol_all()
        self._wake_waiting()
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=self._count_due())
        while True:
            try:
                count = self._advance_batch(batch)
            except TRANSIENT as error:
                # Another process was faster at some of these.
                _logger.info("Journeys: a batch is taken again: %s", error)
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                continue
            if not count or not commit(count):
                break
        self._plan_next_run()

    @api.model
    def _count_due(self):
        [(count,)] = self.env.execute_query(
            SQL(
                """SELECT count(*) FROM crm_journey_participant participant
                     JOIN crm_journey journey ON journey.id = participant.journey_id
                    WHERE participant.state = 'active' AND journey.state = 'running'
                      AND participant.due_date <= %s""",
                self.env.cr.now(),
            )
        )
        return count

    @api.model
    def _plan_next_run(self):
        [(due_date,)] = self.env.execute_query(
            SQL(
                """SELECT min(participant.due_date) FROM crm_journey_participant
                          participant
                     JOIN crm_journey journey ON journey.id = participant.journey_id
                    WHERE participant.state = 'active' AND journey.state = 'running'
                      AND participant.due_date > %s""",
                self.env.cr.now(),
            )
        )
        if due_date:
            self.env["crm.journey"]._wake(due_date)

    @api.model
    def _advance_batch(self, limit=BATCH):
        """Take some of those who are due as far as they come; return how many."""
        claimed = self._claim(limit)
        due = claimed
        while due:
            due._advance()
            due = due._filter_due()
        return len(claimed)

    @api.model
    def _claim(self, limit):
        """Lock participants who are due and whom no other process works on."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT participant.id FROM crm_journey_participant participant
                 WHERE participant.state = 'active' AND participant.due_date <= %s
                   AND participant.journey_id IN (
                       SELECT id FROM crm_journey WHERE state = 'running')
                 ORDER BY participant.due_date, participant.id
                 LIMIT %s FOR UPDATE SKIP LOCKED
                """,
                self.env.cr.now(),
                limit,
            )
        )
        self.invalidate_model()
        return self.sudo().browse(row[0] for row in rows)

    def _filter_due(self):
        """Return those of the batch who can go on at once."""
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM crm_journey_participant
                    WHERE id = ANY(%s) AND state = 'active' AND %s""",
                self.ids,
                self._is_due_to_sql(),
            )
        )
        return self.browse(row[0] for row in rows)

    def _advance(self):
        """Do the step at which each of them stands."""
        self._end_finished()
        staying = self._filter_due()
        for step, participants in staying.grouped("step_id").items():
            if step:
                step._carry_out(participants)
            else:
                participants._end_now("done")

    # ------------------------------------------------------------
    # Time
    # ------------------------------------------------------------

    @api.model
    def _is_dry_run(self):
        return bool(self.env.context.get("journey_dry_run"))

    @api.model
    def _clock_to_sql(self):
        """Return the time of a participant as SQL.

        Now; tried out on the past, the time at which it would be where it is.
        """
        return (
            SQL("participant.due_date")
            if self._is_dry_run()
            else SQL("%s::timestamp", self.env.cr.now())
        )

    @api.model
    def _is_due_to_sql(self):
        if self._is_dry_run():
            return SQL("due_date <= %s", self.env.context["journey_dry_run"])
        return SQL("due_date <= %s", self.env.cr.now())

    def _get_clock(self):
        """Return the time of each participant by id."""
        if not self._is_dry_run():
            return dict.fromkeys(self.ids, self.env.cr.now())
        return {participant.id: participant.due_date for participant in self}

    # ------------------------------------------------------------
    # Ending
    # ------------------------------------------------------------

    def _end_now(self, state, note=None):
        """End runs in one statement."""
        if not self:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_journey_participant participant
                   SET state = %(state)s, due_date = NULL, is_waiting = FALSE,
                       note = %(note)s, date_ended = %(clock)s,
                       date_goal = CASE WHEN %(state)s = 'goal' THEN %(clock)s
                                        ELSE date_goal END
                 WHERE id = ANY(%(ids)s) RETURNING id
                """,
                state=state,
                note=note,
                clock=self._clock_to_sql(),
                ids=self.ids,
            )
        )
        self.invalidate_recordset()

    def _end_finished(self):
        """End the runs whose goal or reason to end has happened, before their step."""
        for journey, participants in self.grouped("journey_id").items():
            for state, event_type in journey._get_ends():
                happened = participants._find_events(event_type, "entry")
                over = participants.browse(happened)
                over._end_now(state, event_type.sudo().name)
                participants -= over
            participants._end_without_document()

    def _end_without_document(self):
        if not self or self[0].res_model == "res.partner":
            return
        existing = self._get_documents()
        gone = self.filtered(lambda participant: participant.id not in existing)
        gone._end_now("exited", self.env._("The document was deleted."))

    # ------------------------------------------------------------
    # Events
    # ------------------------------------------------------------

    def _find_events(self, event_type, since, until=None, mailing=None):
        """Return when an event of a type first happened to each participant.

        Up to now; an event about a document of the journey's kind counts for the run
        of that document, any other for the customer.

        :param str since: "entry": since it entered, else since it waits
        :param SQL until: the last moment that counts, instead of now
        :param mailing: only events about this mailing, of types that have one
        :return: date of the first such event by id of the participant
        :rtype: dict[int, datetime]
        """
        if not self or not event_type:
            return {}
        journey = self[0].journey_id
        rows = self.env.execute_query(
            SQL(
                """
                SELECT participant.id, min(event.date)
                  FROM crm_journey_participant participant
                  JOIN crm_customer_event event
                    ON event.partner_id = participant.partner_id
                   AND event.company_id = participant.company_id
                   AND event.type_id = %(type)s
                   AND event.date <= %(until)s AND %(since)s
                 WHERE participant.id = ANY(%(ids)s) AND %(same)s
                 GROUP BY participant.id
                """,
                type=event_type.id,
                since=self._since_to_sql(since),
                until=until or self._clock_to_sql(),
                ids=self.ids,
                same=journey._same_document_to_sql(event_type, mailing),
            )
        )
        return dict(rows)

    @api.model
    def _since_to_sql(self, since):
        """Return the SQL condition that an event happened on the way.

        Many events are dated to the day, or back, and are captured later: the order in
        which they were captured tells which came after. Tried out on the past, their
        dates must do.
        """
        if not self._is_dry_run():
            mark = (
                SQL("COALESCE(participant.waiting_mark, participant.event_mark)")
                if since == "step"
                else SQL("participant.event_mark")
            )
            return SQL(
                "event.id > %s AND event.date >= participant.date_entered - %s",
                mark,
                LOOK_BACK,
            )
        start = SQL("participant.date_entered")
        if since == "step":
            start = SQL("COALESCE(participant.date_waiting, participant.due_date)")
        return SQL(
            "event.date >= %s AND event.id IS DISTINCT FROM participant.event_id", start
        )

    @api.model
    def _wake_waiting(self):
        """Make those due for whom what they wait for has happened, or who are done.

        One statement per step that waits and per reason to end.
        """
        running = self.env["crm.journey"].sudo().search([("state", "=", "running")])
        waits = (
            self.env["crm.journey.step"]
            .sudo()
            .search([("kind", "=", "wait_event"), ("journey_id", "in", running.ids)])
        )
        for step in waits:
            waiting = self._search_waiting(Domain("step_id", "=", step.id))
            waiting.browse(step._find_awaited(waiting))._make_due()
        for journey in running:
            ends = journey._get_ends()
            staying = (
                self._search_waiting(Domain("journey_id", "=", journey.id))
                if ends
                else self.browse()
            )
            for _state, event_type in ends:
                ended = staying._find_events(event_type, "entry")
                staying.browse(ended)._make_due()

    @api.model
    def _search_waiting(self, domain):
        domain &= Domain("state", "=", "active")
        return self.sudo().search(domain & Domain("due_date", ">", self.env.cr.now()))

    def _make_due(self):
        self.write({"due_date": self.env.cr.now()})

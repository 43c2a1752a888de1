import logging

from odoo import models
from odoo.tools import SQL

from .crm_journey_run import TRANSIENT

_logger = logging.getLogger(__name__)


class CrmJourneyStep(models.Model):
    """Carry out a step for many participants at once, and move them on."""

    _inherit = "crm.journey.step"

    def _carry_out(self, participants):
        """Do this step for ``participants``; park those for whom it fails.

        When it fails, halves are tried, so that one who can't is parked alone.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._get_run_method()(participants)
                self.env.flush_all()
        except TRANSIENT:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(participants) == 1:
                self._park(participants, error)
                return
            half = len(participants) // 2
            self._carry_out(participants[:half])
            self._carry_out(participants[half:])

    def _get_run_method(self):
        """Return what does the step; tried out, what tells the way without doing it."""
        if not self.env["crm.journey.participant"]._is_dry_run():
            return getattr(self, f"_run_{self.kind}")
        if self._get_kinds()[self.kind][1] in ("time", "decide", "end"):
            return getattr(self, f"_run_{self.kind}")
        return getattr(self, f"_try_{self.kind}", self._pass_on)

    def _pass_on(self, participants):
        self._move(participants.ids, "next")

    def _park(self, participant, error):
        _logger.info(
            "Journey step %s failed for participant %s: %s",
            self.id,
            participant.id,
            error,
            exc_info=True,
        )
        note = " ".join(str(error).split())[:500] or type(error).__name__
        self.env.execute_query(
            SQL(
                """UPDATE crm_journey_participant
                      SET state = 'parked', due_date = NULL, note = %s
                    WHERE id = %s RETURNING id""",
                note,
                participant.id,
            )
        )
        participant.invalidate_recordset()

    def _move(self, ids, outcome, detail=None, end="done"):
        """Note what came of the step and move participants along that way.

        :param list ids: of participants at this step
        :param str end: the state of those whose way ends here
        """
        if not ids:
            return
        edge = self.edge_ids.filtered(lambda edge: edge.outcome == outcome)
        target = edge.target_id
        participants = self.env["crm.journey.participant"].sudo()
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                WITH trace AS (
                    INSERT INTO crm_journey_trace (participant_id, journey_id,
                           company_id, step_id, visit, outcome, date, detail)
                    SELECT id, journey_id, company_id, %(step)s, visit, %(outcome)s,
                           %(clock)s, %(detail)s
                      FROM crm_journey_participant participant WHERE id = ANY(%(ids)s)
                )
                UPDATE crm_journey_participant participant
                   SET visit = visit + 1, step_id = %(target)s, is_waiting = FALSE,
                       date_waiting = NULL, waiting_mark = NULL, note = NULL,
                       state = %(state)s,
                       due_date = %(due)s, date_ended = %(ended)s,
                       date_goal = %(goal)s
                 WHERE id = ANY(%(ids)s) RETURNING id
                """,
                step=self.id,
                outcome=outcome,
                detail=detail,
                clock=participants._clock_to_sql(),
                target=target.id or None,
                state="active" if target else end,
                due=participants._clock_to_sql() if target else SQL("NULL"),
                ended=SQL("NULL") if target else participants._clock_to_sql(),
                goal=participants._clock_to_sql()
                if self.kind == "goal"
                else SQL("date_goal"),
                ids=list(ids),
            )
        )
        participants.browse(ids).invalidate_recordset()

    def _stay(self, due_by_id, note_by_id=None):
        """Let participants wait at this step.

        :param dict due_by_id: when each is to be looked at again
        """
        if not due_by_id:
            return
        participants = self.env["crm.journey.participant"].sudo()
        notes = note_by_id or {}
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_journey_participant participant
                   SET is_waiting = TRUE,
                       date_waiting = COALESCE(date_waiting, %(clock)s),
                       waiting_mark = COALESCE(waiting_mark, %(mark)s),
                       due_date = wait.due_date, note = wait.note
                  FROM unnest(%(ids)s::int[], %(dates)s::timestamp[],
                              %(notes)s::varchar[]) wait (id, due_date, note)
                 WHERE participant.id = wait.id RETURNING participant.id
                """,
                clock=participants._clock_to_sql(),
                mark=self.journey_id._get_last_event_id(),
                ids=list(due_by_id),
                dates=list(due_by_id.values()),
                notes=[notes.get(participant_id) for participant_id in due_by_id],
            )
        )
        participants.browse(due_by_id).invalidate_recordset()

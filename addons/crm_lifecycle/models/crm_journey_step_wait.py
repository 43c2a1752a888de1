from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL

from ..journey_steps.waiting import after_period, next_slot
from .crm_journey_step import UNITS

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]
# When nothing is known of the customer's own habits.
USUAL_HOUR = 10
EPOCH = datetime(1970, 1, 1)


class CrmJourneyStepWait(models.Model):
    """Steps that take time: for a period, until a time, until something happens."""

    _inherit = "crm.journey.step"

    wait_mode = fields.Selection(
        [
            ("period", "For a period"),
            ("slot", "Until a weekday and hour"),
            ("best", "Until the customer's best hour"),
            ("date", "Until a date of the document"),
        ],
        "How Long",
        default="period",
    )
    wait_number = fields.Integer("Period", default=1)
    wait_unit = fields.Selection(UNITS, "Unit", default="days")
    wait_hour = fields.Float("At", default=9, help="In the customer's time zone.")
    wait_weekday = fields.Selection(WEEKDAYS, "On", help="Empty: any day.")
    wait_field_id = fields.Many2one(
        "ir.model.fields",
        "Date Field",
        domain="[('model', '=', document_model), "
        "('ttype', 'in', ('date', 'datetime'))]",
        ondelete="cascade",
    )
    wait_offset = fields.Integer(
        "Days After Date", help="Negative: so many days before."
    )
    event_type_id = fields.Many2one(
        "crm.customer.event.type", "Event", ondelete="restrict"
    )
    event_since = fields.Selection(
        [("entry", "it entered the journey"), ("step", "it came to this step")],
        "Counts Since",
        default="entry",
    )
    message_step_id = fields.Many2one(
        "crm.journey.step",
        "About the Message",
        domain="[('version_id', '=', version_id), ('kind', '=', 'message')]",
        ondelete="set null",
        help="Of openings, clicks and answers: only those of this step's message.",
    )

    _wait_positive = models.Constraint(
        "CHECK(wait_number >= 0)", "A wait can't last less than no time."
    )
    _wait_hour_of_day = models.Constraint(
        "CHECK(wait_hour >= 0 AND wait_hour < 24)", "Hours are between 0:00 and 23:59."
    )

    # ------------------------------------------------------------
    # Wait
    # ------------------------------------------------------------

    def _get_wait_problems(self):
        if self.wait_mode == "date":
            return self._get_missing_problem("wait_field_id")
        if self.wait_mode == "period" and not self.wait_unit:
            return self._get_missing_problem("wait_unit")
        return []

    def _run_wait(self, participants):
        arrived = participants.filtered(lambda participant: not participant.is_waiting)
        self._move((participants - arrived).ids, "next")
        due_by_id = self._get_due_dates(arrived)
        self._move([key for key, due in due_by_id.items() if not due], "next")
        self._stay({key: due for key, due in due_by_id.items() if due})

    def _get_due_dates(self, participants):
        """Return until when each participant waits, None for no longer."""
        clock = participants._get_clock()
        if self.wait_mode == "slot":
            weekday = int(self.wait_weekday) if self.wait_weekday else None
            return {
                participant.id: next_slot(
                    clock[participant.id],
                    self.wait_hour,
                    weekday,
                    self._get_zone(participant),
                )
                for participant in participants
            }
        if self.wait_mode == "best":
            hours = self._get_best_hours(participants)
            return {
                participant.id: next_slot(
                    clock[participant.id],
                    hours.get(participant.id, USUAL_HOUR),
                    zone=self._get_zone(participant),
                )
                for participant in participants
            }
        if self.wait_mode == "date":
            return self._get_dates_of_documents(participants, clock)
        return {
            participant_id: after_period(now, self.wait_number, self.wait_unit)
            for participant_id, now in clock.items()
        }

    @api.model
    def _get_zone(self, participant):
        contact = participant.contact_id or participant.partner_id
        return contact.tz or participant.company_id.partner_id.tz or "UTC"

    @api.model
    def _get_best_hours(self, participants):
        """Return the hour at which each customer answers, where it is known."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT participant.id, profile.preferred_hour
                  FROM crm_journey_participant participant
                  JOIN crm_customer_profile profile
                    ON profile.partner_id = participant.partner_id
                   AND profile.company_id = participant.company_id
                 WHERE participant.id = ANY(%s)
                   AND profile.preferred_hour IS NOT NULL
                   AND profile.preferred_weekday IS NOT NULL
                """,
                participants.ids,
            )
        )
        return dict(rows)

    def _get_dates_of_documents(self, participants, clock):
        name = self.wait_field_id.sudo().name
        documents = participants._get_documents()
        due_by_id = {}
        for participant in participants:
            value = documents[participant.id][name]
            due = fields.Datetime.to_datetime(value) if value else None
            due = due and fields.Datetime.add(due, days=self.wait_offset)
            late = due and due <= clock[participant.id]
            due_by_id[participant.id] = None if late else due
        return due_by_id

    # ------------------------------------------------------------
    # Wait until something happens
    # ------------------------------------------------------------

    def _get_wait_event_outcomes(self):
        return {
            "happened": self.env._("Happened"),
            "timeout": self.env._("Not in time"),
        }

    def _get_wait_event_problems(self):
        problems = self._get_missing_problem("event_type_id")
        if self.wait_number < 1:
            problems.append(self.env._("say how long it waits at most."))
        return problems

    def _run_wait_event(self, participants):
        clock = participants._get_clock()
        awaited = self._find_awaited(participants)
        happened = [
            participant_id
            for participant_id, date in awaited.items()
            if date <= clock[participant_id]
        ]
        self._move(happened, "happened")
        missing = participants.browse(
            participant.id
            for participant in participants
            if participant.id not in happened
        )
        due_by_id = {}
        for participant in missing:
            start = participant.date_waiting or clock[participant.id]
            due_by_id[participant.id] = after_period(
                start, self.wait_number, self.wait_unit
            )
        late = [key for key, due in due_by_id.items() if due <= clock[key]]
        self._move(late, "timeout")
        self._stay(
            {
                key: min(due, awaited.get(key, due))
                for key, due in due_by_id.items()
                if key not in set(late)
            }
        )

    def _find_awaited(self, participants):
        """Return when it happened to each participant.

        Tried out on the past, also when it is going to, within the time given.
        """
        until = None
        if participants._is_dry_run():
            until = SQL(
                "COALESCE(participant.date_waiting, participant.due_date) + %s",
                after_period(EPOCH, self.wait_number, self.wait_unit) - EPOCH,
            )
        return participants._find_events(
            self.event_type_id,
            self.event_since or "entry",
            until,
            self.message_step_id.mailing_id,
        )

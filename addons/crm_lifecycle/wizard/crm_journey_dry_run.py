from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# More runs than this are tried out on a sample.
LIMIT = 20_000
BATCH = 2_000
# A customer's path is followed so far into the future.
FUTURE = timedelta(days=730)


class CrmJourneyDryRun(models.TransientModel):
    """What a journey would do, or would have done, without doing it.

    The journey's own engine runs in a part of the transaction that is taken back.
    Steps that send or change something only pass on. Tried out on the past, the clock
    of each participant is the time of his events; profiles, documents and consents
    are asked as they are today.
    """

    _name = "crm.journey.dry.run"
    _description = "Journey Dry Run"

    journey_id = fields.Many2one("crm.journey", required=True, ondelete="cascade")
    document_model = fields.Char(related="journey_id.document_model")
    mode = fields.Selection(
        [("history", "The past"), ("customer", "One customer, from now on")],
        "Try On",
        required=True,
        default="history",
    )
    date_from = fields.Date(
        "From", default=lambda self: fields.Date.add(fields.Date.today(), years=-1)
    )
    date_to = fields.Date("To", default=fields.Date.context_today)
    partner_id = fields.Many2one("res.partner", "Customer")
    res_id = fields.Many2oneReference("Document", model_field="document_model")
    is_done = fields.Boolean()
    entered_count = fields.Integer("Would Have Entered", readonly=True)
    sent_count = fields.Integer("Messages", readonly=True)
    sample = fields.Integer("Sample of One In", readonly=True)
    summary = fields.Char(compute="_compute_summary")
    line_ids = fields.One2many("crm.journey.dry.run.line", "run_id", readonly=True)

    @api.depends("is_done", "entered_count", "sent_count", "sample", "mode")
    def _compute_summary(self):
        for run in self:
            run.summary = run._get_summary() if run.is_done else False

    def _get_summary(self):
        if not self.entered_count:
            return self.env._(
                "Nobody would enter: look at what starts the journey and at its "
                "conditions."
            )
        if self.mode == "customer":
            return self.env._(
                "This is the path if nothing else happens on the way. Nothing was sent "
                "or changed."
            )
        text = self.env._(
            "%(entered)s would have entered, %(sent)s messages would have been sent. "
            "Nothing was sent or changed; customers and documents were judged as they "
            "are today.",
            entered=self.entered_count,
            sent=self.sent_count,
        )
        if self.sample > 1:
            text += " " + self.env._("Counted on one in %s and scaled up.", self.sample)
        return text

    def action_run(self):
        self.ensure_one()
        self.journey_id.check_access("read")
        lines = self._try_out()
        self.line_ids.unlink()
        self.write({"is_done": True, **self._read_totals(lines)})
        self.env["crm.journey.dry.run.line"].create(
            [{"run_id": self.id, **line} for line in lines if line.get("step_id")]
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Dry Run"),
        }

    def _read_totals(self, lines):
        scale = max(self.sample, 1)
        entered = sum(line.get("entered", 0) for line in lines)
        sent = sum(
            line["count"]
            for line in lines
            if line.get("is_message") and line["outcome"] == "next"
        )
        for line in lines:
            line.pop("is_message", None)
            if "count" in line:
                line["count"] *= scale
        return {"entered_count": entered * scale, "sent_count": sent * scale}

    def _try_out(self):
        """Run the engine and take it back.

        :return: the lines found, and one with the number ``entered``
        """
        savepoint = self.env.cr.savepoint()
        try:
            return self._run_engine()
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
            self.env.invalidate_all(flush=False)

    def _run_engine(self):
        now = self.env.cr.now()
        horizon = now if self.mode == "history" else now + FUTURE
        context = {"journey_dry_run": horizon, "tracking_disable": True}
        journey, origin_by_uid = self._get_trial(context)
        participants = self.env["crm.journey.participant"].sudo()
        participants = participants.with_context(**context)
        entered = 0
        while count := self._enrol(journey, now):
            entered += count
            ids = participants.search(
                [("journey_id", "=", journey.id), ("state", "=", "active")]
            ).ids
            for start in range(0, len(ids), BATCH):
                due = participants.browse(ids[start : start + BATCH])._filter_due()
                while due:
                    due._advance()
                    due = due._filter_due()
            if journey.reentry != "after_end" or self.mode == "customer":
                break
        lines = self._read_path if self.mode == "customer" else self._read_counts
        return [{"entered": entered}, *lines(journey, origin_by_uid)]

    def _get_trial(self, context):
        """Return a copy of the journey to run, and the steps it stands for."""
        origin = self.journey_id.sudo()
        version = origin.draft_version_id or origin.version_id
        if not version.start_step_id:
            raise UserError(self.env._("Draw the first step of the journey first."))
        trial = origin.with_context(**context).copy({"name": origin.name})
        copied = trial.version_ids
        trial.write(
            {
                "version_id": copied.id,
                "state": "running",
                "start_date": fields.Datetime.to_datetime(self.date_from),
                "campaign_id": origin.campaign_id.id,
            }
        )
        return trial, {step.uid: step.id for step in version.step_ids}

    def _enrol(self, journey, now):
        if self.mode == "customer":
            document = self._get_document(journey)
            return journey._insert_participants(journey._select_by_hand(document))
        since = fields.Datetime.to_datetime(self.date_from)
        until = min(fields.Datetime.to_datetime(self.date_to) + timedelta(days=1), now)
        occasions = journey._select_occasions(since, until)
        if not self.sample:
            [(count,)] = self.env.execute_query(
                SQL("SELECT count(*) FROM (%s) occasion", occasions)
            )
            self.sample = 1 + count // LIMIT
        if self.sample > 1:
            occasions = SQL(
                "SELECT * FROM (%s) occasion WHERE mod(document_id, %s) = 0",
                occasions,
                self.sample,
            )
        return journey._insert_participants(occasions)

    def _get_document(self, journey):
        name = journey._get_document_model_name()
        if name == "res.partner":
            if not self.partner_id:
                raise UserError(self.env._("Choose a customer."))
            return self.partner_id
        document = self.env[name].browse(self.res_id).exists()
        if not document:
            raise UserError(self.env._("Choose a document."))
        return document

    def _read_counts(self, journey, origin_by_uid):
        message_kinds = self.env["crm.journey.step"]._get_message_kinds()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT step.uid, step.kind, trace.outcome, count(*)
                  FROM crm_journey_trace trace
                  JOIN crm_journey_step step ON step.id = trace.step_id
                 WHERE trace.journey_id = %s
                 GROUP BY step.uid, step.kind, trace.outcome, step.sequence, step.id
                 ORDER BY step.sequence, step.id, trace.outcome
                """,
                journey.id,
            )
        )
        return [
            {
                "step_id": origin_by_uid.get(uid),
                "outcome": outcome,
                "count": count,
                "is_message": kind in message_kinds,
            }
            for uid, kind, outcome, count in rows
        ]

    def _read_path(self, journey, origin_by_uid):
        message_kinds = self.env["crm.journey.step"]._get_message_kinds()
        traces = (
            self.env["crm.journey.trace"]
            .sudo()
            .search([("journey_id", "=", journey.id)], order="visit, id")
        )
        return [
            {
                "step_id": origin_by_uid.get(trace.step_id.uid),
                "outcome": trace.outcome,
                "count": 1,
                "date": trace.date,
                "detail": trace.detail,
                "is_message": trace.step_id.kind in message_kinds,
            }
            for trace in traces
        ]

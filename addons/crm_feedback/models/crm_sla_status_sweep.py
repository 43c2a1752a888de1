from odoo import api, fields, models

# Statuses that the scheduled actions mark or escalate per transaction.
SWEEP_SIZE = 1000


class CrmSlaStatusSweep(models.Model):
    """What happens to promises as time goes by: they fail, they are escalated."""

    _inherit = "crm.sla.status"

    date_escalation = fields.Datetime(
        "Next Step on", help="When the next step of the escalation is taken."
    )
    next_escalation_id = fields.Many2one("crm.sla.escalation", "Next Step")
    escalation_ids = fields.Many2many(
        "crm.sla.escalation",
        string="Steps Taken",
        help="Each step is taken once, even if the deadline moves later.",
    )

    _escalation_idx = models.Index(
        "(date_escalation) WHERE date_escalation IS NOT NULL"
    )

    def _plan_escalation(self, working_time):
        """Set the next step and its moment, by deadline and warning."""
        self.ensure_one()
        moments = {}
        if not self.date_reached and self.deadline:
            steps = self.policy_id.step_ids - self.escalation_ids
            for step in steps.filtered(lambda step: step._covers(self)):
                moments[step] = step._get_moment(self, working_time)
        step = min(
            (step for step in moments if moments[step]),
            key=lambda step: (moments[step], step.sequence, step.id),
            default=self.env["crm.sla.escalation"],
        )
        self._write_changes(
            {
                "next_escalation_id": step.id,
                "date_escalation": moments[step] if step else False,
            }
        )

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_mark_failed(self):
        """Mark the targets whose deadline has passed, and escalate what is due."""
        self._sweep(
            [("state", "=", "running"), ("deadline", "<", fields.Datetime.now())],
            self._mark_failed,
        )
        self._sweep([("date_escalation", "<=", fields.Datetime.now())], self._escalate)

    @api.model
    def _sweep(self, domain, work):
        """Do ``work`` on the targets of the domain, batch by batch."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        while due := self.search(domain, limit=SWEEP_SIZE).try_lock_for_update():
            work(due)
            if not cron._commit_progress(len(due)):
                break

    @api.model
    def _mark_failed(self, late):
        late.write({"state": "failed"})
        self.env["crm.customer.event.type"]._capture("service_level_failed", late)

    @api.model
    def _escalate(self, due):
        """Take the next step of each target, and set the moment of the one after."""
        for step, statuses in due.grouped("next_escalation_id").items():
            if step.active:
                step._take(statuses.case_id)
            for status in statuses:
                status.escalation_ids |= step
        # A step may have changed the case and with it the promise.
        left = due.exists()
        for calendar, statuses in left.grouped(self._get_calendar).items():
            working_time = statuses._get_working_time(calendar)
            for status in statuses:
                status._plan_escalation(working_time)

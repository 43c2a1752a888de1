from odoo import api, fields, models


class CrmCaseHandling(models.Model):
    """How much a case took: the agent's timer, and how often he had to answer."""

    _inherit = "crm.case"

    work_ids = fields.One2many(
        "crm.case.work", "case_id", readonly=True, groups="base.group_user"
    )
    handling_hours = fields.Float(
        "Handling Time",
        compute="_compute_handling_hours",
        store=True,
        groups="base.group_user",
        help="Time that agents worked on it, by their timer.",
    )
    is_timer_running = fields.Boolean(
        compute="_compute_is_timer_running", groups="base.group_user"
    )
    answer_count = fields.Integer(
        "Answers to the Customer", readonly=True, copy=False, groups="base.group_user"
    )

    @api.depends("work_ids.hours")
    def _compute_handling_hours(self):
        for case in self:
            case.handling_hours = sum(case.work_ids.mapped("hours"))

    @api.depends_context("uid")
    @api.depends("work_ids.date_to")
    def _compute_is_timer_running(self):
        for case in self:
            case.is_timer_running = bool(case._get_running_work())

    def _get_running_work(self):
        """Return the work of the current user that goes on."""
        return self.sudo().work_ids.filtered(
            lambda work: work.user_id == self.env.user and not work.date_to
        )

    def action_start_timer(self):
        """Start the timer; it stops on the case that the agent worked on before."""
        self.ensure_one()
        self.check_access("write")
        works = self.env["crm.case.work"].sudo()
        running = works.search(
            [("user_id", "=", self.env.uid), ("date_to", "=", False)]
        )
        running._stop()
        works.create(
            {
                "case_id": self.id,
                "user_id": self.env.uid,
                "date_from": fields.Datetime.now(),
            }
        )

    def action_stop_timer(self):
        self.check_access("write")
        self._get_running_work()._stop()

    def _close(self):
        """Nobody works on a closed case."""
        self.sudo().work_ids._stop()
        return super()._close()

    def _stamp_answer(self):
        for case in self.sudo():
            case.answer_count += 1
        return super()._stamp_answer()

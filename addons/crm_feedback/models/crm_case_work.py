from odoo import api, fields, models


class CrmCaseWork(models.Model):
    """A time in which an agent worked on a case."""

    _name = "crm.case.work"
    _description = "Work on a Case"
    _order = "date_from desc, id desc"
    _rec_name = "date_from"

    case_id = fields.Many2one("crm.case", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", "Agent", required=True, index=True)
    date_from = fields.Datetime("From", required=True)
    date_to = fields.Datetime("To")
    hours = fields.Float(compute="_compute_hours", store=True)

    _running_uniq = models.UniqueIndex(
        "(user_id) WHERE date_to IS NULL", "You work on another case already."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "Work ends after it has begun."
    )

    @api.depends("date_from", "date_to")
    def _compute_hours(self):
        for work in self:
            seconds = (
                (work.date_to - work.date_from).total_seconds() if work.date_to else 0
            )
            work.hours = seconds / 3600

    def _stop(self):
        running = self.filtered(lambda work: not work.date_to)
        running.write({"date_to": fields.Datetime.now()})
        running.flush_recordset()

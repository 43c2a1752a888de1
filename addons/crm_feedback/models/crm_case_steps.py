from odoo import api, fields, models


class CrmCaseSteps(models.Model):
    """How far a complaint has come on the eight steps of ISO 10002."""

    _inherit = "crm.case"

    complaint_steps = fields.Json(
        compute="_compute_complaint_steps", groups="base.group_user"
    )
    complaint_progress = fields.Integer(
        "Steps Done",
        compute="_compute_complaint_steps",
        groups="base.group_user",
        help="How many of the eight steps of complaint handling are done.",
    )

    @api.depends(
        "date_received",
        "date_tracked",
        "date_acknowledged",
        "date_assessed",
        "date_investigated",
        "date_responded",
        "date_communicated",
        "date_closed",
    )
    def _compute_complaint_steps(self):
        for case in self:
            steps = [
                {
                    "name": name,
                    "label": label,
                    "date": fields.Datetime.to_string(case[name]) or False,
                }
                for name, label in case._get_complaint_steps()
            ]
            case.complaint_steps = steps
            case.complaint_progress = sum(bool(step["date"]) for step in steps)

    @api.model
    def _get_complaint_steps(self):
        """Return the field that dates each step, and what the step is called."""
        return [
            ("date_received", self.env._("Received")),
            ("date_tracked", self.env._("Tracked")),
            ("date_acknowledged", self.env._("Acknowledged")),
            ("date_assessed", self.env._("Assessed")),
            ("date_investigated", self.env._("Investigated")),
            ("date_responded", self.env._("Answered")),
            ("date_communicated", self.env._("Decision told")),
            ("date_closed", self.env._("Closed")),
        ]

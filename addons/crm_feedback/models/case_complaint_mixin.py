from odoo import api, fields, models


class CrmCaseComplaintMixin(models.AbstractModel):
    """The eight steps in which ISO 10002 wants a complaint to be handled.

    Receiving, acknowledging, responding and closing are dated on every case, since
    service levels and measures need them. Tracking, assessing, investigating and
    communicating the decision are dated on complaints only.
    """

    _name = "crm.case.complaint.mixin"
    _description = "Steps of Complaint Handling"

    root_cause_id = fields.Many2one(
        "crm.root.cause",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        groups="base.group_user",
        help="What went wrong on our side, or why the customer is unhappy.",
    )
    resolution_id = fields.Many2one(
        "crm.case.resolution",
        index="btree_not_null",
        tracking=True,
        help="What the customer got.",
    )
    resolution_note = fields.Text(
        "Explanation", help="What was decided, in words the customer may read."
    )
    date_received = fields.Datetime(
        "Received on",
        required=True,
        index=True,
        copy=False,
        default=fields.Datetime.now,
    )
    date_tracked = fields.Datetime("Tracked since", readonly=True, copy=False)
    date_acknowledged = fields.Datetime("Acknowledged on", readonly=True, copy=False)
    date_assessed = fields.Datetime("Assessed on", readonly=True, copy=False)
    date_investigated = fields.Datetime("Investigated on", readonly=True, copy=False)
    date_responded = fields.Datetime("First Answer on", readonly=True, copy=False)
    date_communicated = fields.Datetime(
        "Decision Communicated on", readonly=True, copy=False
    )
    date_closed = fields.Datetime("Closed on", readonly=True, copy=False, index=True)

    @api.model
    def _get_complaint_step_fields(self):
        """Return the fields whose change can complete a step."""
        return {
            "case_type",
            "category_id",
            "user_id",
            "root_cause_id",
            "resolution_id",
        }

    def _stamp_complaint_steps(self):
        """Date the steps that the complaints have completed by now."""
        now = fields.Datetime.now()
        complaints = self.filtered(lambda case: case.case_type == "complaint")
        done = {
            "date_tracked": complaints.filtered(lambda case: case.number != "/"),
            "date_assessed": complaints.filtered(
                lambda case: case.category_id and case.user_id
            ),
            "date_investigated": complaints.filtered("root_cause_id"),
        }
        for step, cases in done.items():
            undated = cases.filtered(lambda case, step=step: not case[step])
            if undated:
                undated.write({step: now})

    def _stamp_communication(self, now):
        """Date the communication of the decision: an answer after the decision."""
        self.filtered(
            lambda case: case.case_type == "complaint"
            and case.resolution_id
            and not case.date_communicated
        ).write({"date_communicated": now})

from odoo import api, fields, models


class CrmCaseServiceLevelMixin(models.AbstractModel):
    """What was promised for a case, and how its clock stands.

    One policy applies to a case; each of its targets is a ``crm.sla.status``. The
    clock stands still while the case waits for the customer and while it is closed
    (``crm.case.pause``), so that any deadline can be computed again from the facts.
    """

    _name = "crm.case.service.level.mixin"
    _description = "Service Levels of a Case"

    sla_policy_id = fields.Many2one(
        "crm.sla.policy",
        "Service Level Policy",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    sla_policy_note = fields.Text(
        "Why This Policy?", readonly=True, copy=False, groups="base.group_user"
    )
    sla_status_ids = fields.One2many(
        "crm.sla.status",
        "case_id",
        "Targets",
        readonly=True,
        groups="base.group_user",
    )
    pause_ids = fields.One2many(
        "crm.case.pause",
        "case_id",
        "Pauses",
        readonly=True,
        groups="base.group_user",
    )
    sla_state = fields.Selection(
        [
            ("running", "Running"),
            ("paused", "Paused"),
            ("reached", "Reached"),
            ("failed", "Failed"),
        ],
        "Service Level",
        compute="_compute_sla_state",
        store=True,
        index=True,
        groups="base.group_user",
    )
    date_promised = fields.Datetime(
        "Promised by",
        copy=False,
        help="A date promised to this customer, apart from the service level.",
    )
    date_due = fields.Datetime(
        "Due",
        compute="_compute_date_due",
        store=True,
        index=True,
        help="The earliest of what is still owed: the promised date "
        "and the targets of the service level.",
    )

    @api.depends("sla_status_ids.state")
    def _compute_sla_state(self):
        for case in self:
            states = set(case.sla_status_ids.mapped("state"))
            case.sla_state = next(
                (
                    state
                    for state in ("failed", "running", "paused", "reached")
                    if state in states
                ),
                False,
            )

    @api.depends(
        "date_promised",
        "date_closed",
        "sla_status_ids.deadline",
        "sla_status_ids.date_reached",
    )
    def _compute_date_due(self):
        for case in self:
            owed = case.sla_status_ids.filtered(lambda status: not status.date_reached)
            dates = [date for date in owed.mapped("deadline") if date]
            if case.date_promised:
                dates.append(case.date_promised)
            case.date_due = min(dates) if dates and not case.date_closed else False

    @api.model
    def _get_service_level_fields(self):
        """Return the fields whose change can change the promise or its clock."""
        return {
            "team_id",
            "case_type",
            "category_id",
            "severity",
            "company_id",
            "partner_id",
            "date_received",
            "date_acknowledged",
            "date_responded",
            "date_closed",
        }

    def _start_service_levels(self):
        """Find the policy of each case and set the clocks of its targets."""
        cases = self.sudo()
        matching = self.env["crm.sla.policy"].sudo()._match(cases)
        for policies, members in cases.grouped(matching.get).items():
            values = {
                "sla_policy_id": policies[:1].id,
                "sla_policy_note": policies._explain_match(policies),
            }
            members.filtered(
                lambda case, values=values: case.sla_policy_id.id
                != values["sla_policy_id"]
                or case.sla_policy_note != values["sla_policy_note"]
            ).write(values)
        self.env["crm.sla.status"].sudo()._follow(cases)

    def _follow_pauses(self, before):
        """Stop or start the clock after a move to another stage.

        :param before: kind of the stage left, by case
        """
        still = ("waiting", "solved", "cancelled")
        stopped = self.filtered(
            lambda case: case.stage_kind in still and before[case] not in still
        )
        started = self.filtered(
            lambda case: case.stage_kind not in still and before[case] in still
        )
        pauses = self.env["crm.case.pause"].sudo()
        pauses._begin(stopped)
        pauses._end(started)
        if stopped or started:
            self.env["crm.sla.status"].sudo()._follow((stopped | started).sudo())

    def _get_calendar(self):
        """Return the calendar in which the promises of the case are counted."""
        self.ensure_one()
        return self.team_id.resource_calendar_id or self.company_id.resource_calendar_id

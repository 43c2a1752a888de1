from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models


class CrmSlaEscalation(models.Model):
    """A step that is taken when a promise is in danger or broken: who learns of it,
    who takes over.

    Steps of a policy replace those that name no policy. Each is taken once per target.
    """

    _name = "crm.sla.escalation"
    _description = "Escalation Step"
    _order = "trigger desc, delay_hours, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        help="Leave empty for all companies.",
    )
    policy_id = fields.Many2one(
        "crm.sla.policy",
        index=True,
        ondelete="cascade",
        check_company=True,
        help="Leave empty for all policies without steps of their own.",
    )
    target = fields.Selection(
        selection=lambda self: self.env["crm.sla.status"]._fields["target"].selection,
        help="Leave empty for all targets.",
    )
    trigger = fields.Selection(
        [("warning", "Warning, before it is late"), ("breach", "Late")],
        "When",
        required=True,
        default="breach",
    )
    delay_hours = fields.Float(
        "After", help="Working hours after the warning or the deadline."
    )
    action = fields.Selection(
        [
            ("activity", "Put it on somebody's list"),
            ("notify", "Write to somebody"),
            ("assign", "Assign it to somebody"),
            ("route", "Route it again"),
            ("severity", "Raise the severity"),
            ("remedy", "Recommend a remedy"),
        ],
        required=True,
        default="activity",
    )
    recipient = fields.Selection(
        [
            ("agent", "Agent, else the team leader"),
            ("leader", "Team leader"),
            ("user", "A certain user"),
        ],
        "Who",
        required=True,
        default="leader",
    )
    user_id = fields.Many2one(
        "res.users", domain="[('share', '=', False)]", check_company=True
    )

    _delay_positive = models.Constraint(
        "CHECK (delay_hours >= 0)", "A step can't come before its warning or deadline."
    )
    _user_given = models.Constraint(
        "CHECK (recipient != 'user' OR user_id IS NOT NULL)",
        "Choose the user whom the step is about.",
    )

    @api.depends("policy_id")
    def _compute_company_id(self):
        for step in self:
            step.company_id = step.policy_id.company_id or step.company_id

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps._follow_change()
        return steps

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {
            "active",
            "company_id",
            "delay_hours",
            "policy_id",
            "target",
            "trigger",
        }:
            self._follow_change()
        return result

    def _follow_change(self):
        self.env["crm.sla.policy"].invalidate_model(["step_ids"])
        domain = []
        if all(step.policy_id for step in self):
            domain = [("sla_policy_id", "in", self.policy_id.ids)]
        self.env["crm.case"]._refresh_service_levels(domain)

    # ------------------------------------------------------------
    # When
    # ------------------------------------------------------------

    def _covers(self, status):
        self.ensure_one()
        return self.target in (False, status.target) and self.company_id in (
            status.company_id,
            self.company_id.browse(),
        )

    def _get_moment(self, status, working_time):
        """Return when this step is due for a target, or None."""
        self.ensure_one()
        start = status.deadline if self.trigger == "breach" else status.date_warning
        if not start or not self.delay_hours:
            return start or None
        return working_time.plan(start, timedelta(hours=self.delay_hours))

    # ------------------------------------------------------------
    # What
    # ------------------------------------------------------------

    def _take(self, cases):
        """Take this step for the cases, and note it on them."""
        self.ensure_one()
        getattr(self, f"_take_{self.action}")(cases)
        note = Markup("<p>%s</p>") % self.env._("Escalation: %s", self.name)
        cases._message_log_batch(bodies=dict.fromkeys(cases.ids, note))

    def _get_recipient(self, case):
        if self.recipient == "user":
            return self.user_id
        if self.recipient == "agent" and case.user_id:
            return case.user_id
        return case.team_id.user_id

    def _take_activity(self, cases):
        for user, members in cases.grouped(self._get_recipient).items():
            if user:
                members.with_context(mail_activity_quick_update=True).activity_schedule(
                    "mail.mail_activity_data_todo", summary=self.name, user_id=user.id
                )

    def _take_notify(self, cases):
        """Write to each person once, whatever the number of cases."""
        for user, members in cases.grouped(self._get_recipient).items():
            if user:
                self.env["mail.thread"].message_notify(
                    partner_ids=user.partner_id.ids,
                    subject=self.name,
                    body=self._list_cases(members),
                )

    def _list_cases(self, cases):
        item = Markup('<li><a href="/odoo/crm.case/%s">%s</a></li>')
        lines = Markup().join(item % (case.id, case.display_name) for case in cases)
        return Markup("<p>%s</p><ul>%s</ul>") % (self.name, lines)

    def _take_assign(self, cases):
        for user, members in cases.grouped(self._get_recipient).items():
            if user:
                members.filtered(lambda case, user=user: case.user_id != user).write(
                    {"user_id": user.id}
                )

    def _take_route(self, cases):
        cases.write({"user_id": False})
        cases._route()

    def _take_severity(self, cases):
        for severity, members in cases.grouped("severity").items():
            if severity < "3":
                members.write({"severity": str(int(severity) + 1)})

    def _take_remedy(self, cases):
        cases._recommend_remedies()

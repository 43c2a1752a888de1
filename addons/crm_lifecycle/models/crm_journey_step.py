from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

UNITS = [
    ("minutes", "Minutes"),
    ("hours", "Hours"),
    ("days", "Days"),
    ("weeks", "Weeks"),
    ("months", "Months"),
]
# What a step looks like in the flow, and to which group of steps it belongs.
KINDS = {
    "message": ("fa-envelope", "send"),
    "activity": ("fa-clock-o", "send"),
    "colleague": ("fa-user-circle", "send"),
    "wait": ("fa-hourglass-half", "time"),
    "wait_event": ("fa-bell", "time"),
    "branch": ("fa-code-fork", "decide"),
    "split": ("fa-random", "decide"),
    "segment": ("fa-users", "change"),
    "tag": ("fa-tags", "change"),
    "assign": ("fa-user-plus", "change"),
    "field": ("fa-pencil", "change"),
    "lead": ("fa-star", "change"),
    "webhook": ("fa-plug", "change"),
    "action": ("fa-cogs", "change"),
    "goal": ("fa-trophy", "end"),
    "exit": ("fa-sign-out", "end"),
}


class CrmJourneyStep(models.Model):
    """What happens to participants who come by.

    Kind ``x`` is carried out by ``_run_x(participants)``, which moves them on; addons
    add kinds with ``selection_add`` and such a method, and tell their looks in
    :meth:`_get_kinds`.
    """

    _name = "crm.journey.step"
    _description = "Journey Step"
    _order = "version_id, sequence, id"

    version_id = fields.Many2one(
        "crm.journey.version", required=True, ondelete="cascade", index=True
    )
    journey_id = fields.Many2one(related="version_id.journey_id", store=True)
    company_id = fields.Many2one(related="version_id.company_id", store=True)
    document_model = fields.Char(related="journey_id.document_model")
    is_draft = fields.Boolean(compute="_compute_is_draft")
    name = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("message", "Send a mailing"),
            ("activity", "Plan an activity"),
            ("colleague", "Tell a colleague"),
            ("wait", "Wait"),
            ("wait_event", "Wait until something happens"),
            ("branch", "Decide"),
            ("split", "Split at random"),
            ("segment", "Add to or remove from a segment"),
            ("tag", "Tag"),
            ("assign", "Assign"),
            ("field", "Set a field"),
            ("lead", "Create a lead"),
            ("webhook", "Call a web address"),
            ("action", "Run a server action"),
            ("goal", "Goal reached"),
            ("exit", "Leave the journey"),
        ],
        required=True,
    )
    sequence = fields.Integer(default=10)
    uid = fields.Char(
        "Same Step",
        required=True,
        default=lambda self: uuid4().hex,
        copy=False,
        help="Tells which steps of two versions are the same one.",
    )
    x = fields.Integer(default=80)
    y = fields.Integer(default=80)
    edge_ids = fields.One2many("crm.journey.edge", "step_id", "Ways", copy=False)
    problem = fields.Char(compute="_compute_problem")

    @api.depends("version_id.state")
    def _compute_is_draft(self):
        for step in self:
            step.is_draft = step.version_id.state == "draft"

    def _compute_problem(self):
        for step in self:
            step.problem = " ".join(step._get_problems()) or False

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        kind = values.get("kind")
        if kind and "name" in fields and not values.get("name"):
            labels = dict(self._fields["kind"]._description_selection(self.env))
            values["name"] = labels.get(kind)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.version_id._check_draft()
        steps._check_trusted()
        for step in steps:
            if step.kind == "split" and not step.edge_ids:
                step.edge_ids = [
                    fields.Command.create({"outcome": outcome}) for outcome in "AB"
                ]
        return steps

    def write(self, vals):
        if set(vals) - {"x", "y"}:
            self.version_id._check_draft()
        result = super().write(vals)
        if set(vals) - {"x", "y", "name"}:
            self._check_trusted()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.version_id._check_draft()

    @api.model
    def _get_kinds(self):
        """Return icon and group (send, time, decide, change, end) of each kind."""
        return KINDS

    def _check_trusted(self):
        """Steps run with all rights: who draws one needs the rights it uses."""
        if self.env.su:
            return
        for kind in set(self.mapped("kind")):
            reason = self._get_closed_reason(kind)
            if reason:
                raise UserError(reason)

    @api.model
    def _get_kind_groups(self):
        """Return the group that may draw a kind of step, where not everybody may."""
        return dict.fromkeys(
            ("webhook", "action", "field"), "crm_lifecycle.crm_lifecycle_group_manager"
        )

    @api.model
    def _get_closed_reason(self, kind):
        """Return why the user may not draw a kind of step, or nothing."""
        group = self._get_kind_groups().get(kind)
        if not group or self.env.user.has_group(group):
            return ""
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "Only users with the right %(group)s draw steps of the kind %(kind)s: ask "
            "one.",
            group=self.env.ref(group).sudo().full_name,
            kind=labels[kind],
        )

    # ------------------------------------------------------------
    # Ways
    # ------------------------------------------------------------

    def _get_outcomes(self):
        """Return what can come of the step: technical name and label.

        :rtype: dict[str, str]
        """
        self.ensure_one()
        method = getattr(self, f"_get_{self.kind}_outcomes", None)
        return method() if method else {"next": ""}

    def _get_problems(self):
        """Return why the step can't work as it is, as messages."""
        self.ensure_one()
        method = getattr(self, f"_get_{self.kind}_problems", None)
        return method() if method else []

    def _takes_time(self):
        self.ensure_one()
        return self.kind in ("wait", "wait_event")

    @api.constrains("kind", "version_id")
    def _check_kind(self):
        for step in self:
            if step.kind not in step._get_kinds():
                raise ValidationError(self.env._("There is no such kind of step."))

    def _get_missing_problem(self, name):
        """Return the message that field ``name`` is needed, if it is empty."""
        if self[name]:
            return []
        label = self._fields[name].get_description(self.env)["string"]
        return [self.env._("fill in the field %s.", label)]

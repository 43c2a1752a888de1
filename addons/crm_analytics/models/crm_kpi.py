from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class CrmKpi(models.Model):
    """A measure of the CRM plan: its target, what it is now, how it went."""

    _name = "crm.kpi"
    _description = "KPI"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", "Owner", default=lambda self: self.env.user, tracking=True
    )
    model_id = fields.Many2one(
        "ir.model", "Document", required=True, ondelete="cascade", index=True
    )
    model_name = fields.Char(related="model_id.model", string="Model Name")
    domain = fields.Char("Condition", default="[]", required=True)
    aggregate = fields.Selection(
        [("count", "Number of documents"), ("sum", "Sum"), ("avg", "Average")],
        required=True,
        default="count",
    )
    field_id = fields.Many2one(
        "ir.model.fields",
        "Measured Field",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', 'in', ('integer', 'float', 'monetary'))]",
    )
    direction = fields.Selection(
        [("up", "More is better"), ("down", "Less is better")],
        required=True,
        default="up",
    )
    target = fields.Float(required=True, tracking=True)
    tolerance = fields.Float(
        "Tolerance (%)",
        default=10,
        help="Missing the target by less is amber, not red.",
    )
    actual = fields.Float(compute="_compute_actual")
    variance = fields.Float(
        "Variance (%)", compute="_compute_actual", help="Actual against target."
    )
    light = fields.Selection(
        [("green", "On target"), ("amber", "Close"), ("red", "Off target")],
        compute="_compute_actual",
    )
    snapshot_ids = fields.One2many("crm.kpi.snapshot", "kpi_id", "History")

    _tolerance_positive = models.Constraint(
        "CHECK(tolerance >= 0)", "The tolerance can't be negative."
    )

    @api.depends("model_id", "domain", "aggregate", "field_id", "target", "tolerance")
    def _compute_actual(self):
        for kpi in self:
            kpi.actual = kpi._measure() if kpi.model_id else 0
            kpi.variance = (
                (kpi.actual - kpi.target) / abs(kpi.target) * 100 if kpi.target else 0
            )
            kpi.light = kpi._get_light()

    def _get_light(self):
        missed = self.target - self.actual
        if self.direction == "down":
            missed = -missed
        if missed <= 0:
            return "green"
        return "amber" if missed <= abs(self.target) * self.tolerance / 100 else "red"

    @api.constrains("model_id")
    def _check_model_access(self):
        """The figure is shown to all users: who defines it must be allowed to read."""
        for kpi in self:
            # Constraints run as superuser.
            model = self.env[kpi.model_name].with_user(self.env.uid)
            model.check_access("read")

    @api.constrains("model_id", "domain", "aggregate", "field_id")
    def _check_measure(self):
        for kpi in self:
            if kpi.aggregate != "count" and not kpi.field_id:
                raise ValidationError(
                    self.env._("%(kpi)s: choose the field to measure.", kpi=kpi.name)
                )
            try:
                kpi._measure()
            except (ValueError, SyntaxError, KeyError, UserError) as error:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s can't be measured: %(error)s",
                        kpi=kpi.name,
                        error=error,
                    )
                ) from error

    def _measure(self):
        """Return the figure as of now, over all documents of the company."""
        self.ensure_one()
        model = self.env[self.sudo().model_name].sudo()
        domain = Domain(literal_eval(self.domain or "[]"))
        if "company_id" in model._fields:
            domain &= Domain("company_id", "in", [self.company_id.id, False])
        aggregate = "__count"
        if self.aggregate != "count":
            aggregate = f"{self.field_id.sudo().name}:{self.aggregate}"
        [(value,)] = model._read_group(domain, [], [aggregate])
        return value or 0

    def action_open_documents(self):
        """Open the documents behind the figure, with the user's own rights."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.model_name,
            "views": [(False, "list"), (False, "form")],
            "domain": literal_eval(self.domain or "[]"),
        }

    def action_snapshot(self):
        """Write down the figures of today."""
        self.env["crm.kpi.snapshot"]._take(self)

    @api.model
    def _cron_snapshot(self):
        """Take a snapshot a day; a figure that turned red opens one activity."""
        for kpi in self.search(Domain.TRUE):
            kpi.action_snapshot()
            if kpi.light == "red" and kpi.user_id and not kpi.activity_ids:
                kpi.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=kpi.user_id.id,
                    summary=self.env._("%(kpi)s is off target", kpi=kpi.name),
                )

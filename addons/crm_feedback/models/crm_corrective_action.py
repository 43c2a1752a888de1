from odoo import fields, models


class CrmCorrectiveAction(models.Model):
    """What is done so that a root cause does not strike again."""

    _name = "crm.corrective.action"
    _description = "Corrective Action"
    _inherit = [
        "crm.corrective.action.effect.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_due, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("corrective", "Corrective"), ("preventive", "Preventive")],
        required=True,
        default="corrective",
        help="Corrective: the cause has struck. Preventive: it could.",
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("in_progress", "In Progress"),
            ("done", "Done"),
            ("verified", "Verified"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        tracking=True,
        copy=False,
        index=True,
    )
    root_cause_id = fields.Many2one(
        "crm.root.cause",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_due = fields.Date("Due", tracking=True)
    date_done = fields.Date("Done on", copy=False)
    description = fields.Html()
    effect = fields.Text(help="What changed: how it was measured, and the result.")
    case_ids = fields.Many2many("crm.case", string="Cases", check_company=True)
    why_ids = fields.One2many(
        "crm.case.why", "corrective_action_id", "Whys", copy=False
    )
    warning_id = fields.Many2one(
        "crm.early.warning",
        "Early Warning",
        readonly=True,
        index="btree_not_null",
        copy=False,
    )

    def action_start(self):
        self.write({"state": "in_progress"})

    def action_done(self):
        today = fields.Date.context_today(self)
        self.write({"state": "done", "date_done": today})
        for action in self.filtered(lambda action: not action.date_verify):
            action.date_verify = fields.Date.add(today, days=action.effect_days)

    def action_cancel(self):
        self.write({"state": "cancelled"})

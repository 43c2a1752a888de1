from odoo import fields, models


class CrmCorrectiveAction(models.Model):
    """What is done so that a root cause does not strike again."""

    _name = "crm.corrective.action"
    _description = "Corrective Action"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
    date_done = fields.Date("Done on", readonly=True, copy=False)
    description = fields.Html()
    effect = fields.Text(help="What changed: how it was measured, and the result.")
    case_ids = fields.Many2many("crm.case", string="Cases", check_company=True)

    def action_start(self):
        self.write({"state": "in_progress"})

    def action_done(self):
        self.write({"state": "done", "date_done": fields.Date.context_today(self)})

    def action_verify(self):
        self.write({"state": "verified"})

    def action_cancel(self):
        self.write({"state": "cancelled"})

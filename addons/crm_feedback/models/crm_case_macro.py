from odoo import fields, models


class CrmCaseMacro(models.Model):
    """Several changes and an answer in one click, on one case or many."""

    _name = "crm.case.macro"
    _description = "Macro"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty for all companies."
    )
    team_ids = fields.Many2many(
        "crm.case.team",
        string="For Teams",
        check_company=True,
        help="Leave empty for all teams.",
    )
    template_id = fields.Many2one(
        "mail.template",
        "Answer",
        domain="[('model', '=', 'crm.case')]",
        help="Sent to each customer in his language.",
    )
    note = fields.Text("Internal Note")
    new_team_id = fields.Many2one("crm.case.team", "Move to Team", check_company=True)
    assign = fields.Selection(
        [("me", "Whoever runs the macro"), ("user", "A person"), ("nobody", "Nobody")],
        "Assign to",
    )
    user_id = fields.Many2one(
        "res.users", "Person", domain="[('share', '=', False)]", check_company=True
    )
    category_id = fields.Many2one("crm.case.category", check_company=True)
    severity = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["severity"].selection
    )
    root_cause_id = fields.Many2one("crm.root.cause", check_company=True)
    resolution_id = fields.Many2one("crm.case.resolution")
    stage_id = fields.Many2one(
        "crm.case.stage", "Move to Stage", help="Done last, after the answer."
    )

    _assign_whom = models.Constraint(
        "CHECK (assign != 'user' OR user_id IS NOT NULL)",
        "Choose the person to whom the macro assigns.",
    )

    def _run(self, cases):
        """Do to the cases what the macro says; nothing at all if one can't be done."""
        self.ensure_one()
        cases.check_access("write")
        values = self._prepare_case_values()
        if values:
            cases.write(values)
        cases._answer_with(self.template_id)
        if self.note:
            cases._message_log_batch(bodies=dict.fromkeys(cases.ids, self.note))
        if self.stage_id:
            cases.write({"stage_id": self.stage_id.id})

    def _prepare_case_values(self):
        values = {
            name: self[name].id
            for name in ("category_id", "root_cause_id", "resolution_id")
            if self[name]
        }
        if self.new_team_id:
            values["team_id"] = self.new_team_id.id
        if self.severity:
            values["severity"] = self.severity
        if self.assign:
            persons = {"me": self.env.uid, "user": self.user_id.id, "nobody": False}
            values["user_id"] = persons[self.assign]
        return values

from odoo import Command, api, fields, models


class CrmCaseRunMacro(models.TransientModel):
    """Choose a macro, see on how many cases it runs and what it says, run it."""

    _name = "crm.case.run.macro"
    _description = "Run a Macro"

    case_ids = fields.Many2many("crm.case", string="Cases", required=True)
    case_count = fields.Integer("Cases Changed", compute="_compute_case_count")
    team_ids = fields.Many2many("crm.case.team", compute="_compute_case_count")
    macro_id = fields.Many2one(
        "crm.case.macro",
        required=True,
        domain="['|', ('team_ids', '=', False), ('team_ids', 'in', team_ids)]",
    )
    preview = fields.Html(compute="_compute_preview", string="Answer to the First")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "crm.case":
            chosen = self.env.context.get("active_ids", [])
            values.setdefault("case_ids", [Command.set(chosen)])
        return values

    @api.depends("case_ids")
    def _compute_case_count(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)
            wizard.team_ids = wizard.case_ids.team_id

    @api.depends("macro_id", "case_ids")
    def _compute_preview(self):
        for wizard in self:
            template, case = wizard.macro_id.template_id, wizard.case_ids[:1]
            wizard.preview = False
            if template and case:
                case_id = case._origin.id
                texts = template._generate_template([case_id], ("body_html",))
                wizard.preview = texts[case_id]["body_html"]

    def action_run(self):
        self.ensure_one()
        self.macro_id._run(self.case_ids)
        return {"type": "ir.actions.act_window_close"}

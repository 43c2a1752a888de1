from odoo import api, fields, models


class CrmKpiObjective(models.Model):
    """An objective of the CRM plan: why, what it costs, the steps, the measures."""

    _name = "crm.kpi.objective"
    _description = "Objective of the CRM Plan"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_deadline, id"

    name = fields.Char("Objective", required=True, tracking=True)
    active = fields.Boolean(default=True)
    description = fields.Html("Why")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Owner", default=lambda self: self.env.user, tracking=True
    )
    team_id = fields.Many2one(
        "crm.team", "Pilot Team", help="Who starts with it; empty: all.", index=True
    )
    date_start = fields.Date("From", default=fields.Date.context_today)
    date_deadline = fields.Date("Until", tracking=True)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("pilot", "Pilot"),
            ("running", "Running"),
            ("reached", "Reached"),
            ("dropped", "Dropped"),
        ],
        required=True,
        default="planned",
        tracking=True,
        group_expand=True,
    )
    cost = fields.Monetary("Planned Cost")
    cost_actual = fields.Monetary("Cost so far")
    step_ids = fields.One2many("crm.kpi.step", "objective_id", "Steps")
    kpi_ids = fields.One2many("crm.kpi", "objective_id", "Measures")
    progress = fields.Float(
        compute="_compute_progress", help="Share of the steps that are done."
    )
    red_count = fields.Integer("Off Target", compute="_compute_red_count")

    _deadline_after_start = models.Constraint(
        "CHECK(date_deadline IS NULL OR date_start IS NULL "
        "OR date_deadline >= date_start)",
        "An objective can't end before it starts.",
    )

    @api.depends("step_ids.is_done")
    def _compute_progress(self):
        for objective in self:
            done = objective.step_ids.filtered("is_done")
            count = len(objective.step_ids)
            objective.progress = 100 * len(done) / count if count else 0

    @api.depends("kpi_ids.light")
    def _compute_red_count(self):
        for objective in self:
            red = objective.kpi_ids.filtered(lambda kpi: kpi.light == "red")
            objective.red_count = len(red)

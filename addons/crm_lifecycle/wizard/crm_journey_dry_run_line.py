from odoo import fields, models


class CrmJourneyDryRunLine(models.TransientModel):
    """How many would have taken one way, or one step of a customer's path."""

    _name = "crm.journey.dry.run.line"
    _description = "Journey Dry Run Line"

    run_id = fields.Many2one(
        "crm.journey.dry.run", required=True, ondelete="cascade", index=True
    )
    step_id = fields.Many2one("crm.journey.step", ondelete="cascade")
    kind = fields.Selection(related="step_id.kind")
    outcome = fields.Char()
    outcome_label = fields.Char("Way", compute="_compute_outcome_label")
    count = fields.Integer("Times")
    date = fields.Datetime()
    detail = fields.Char()

    def _compute_outcome_label(self):
        for line in self:
            line.outcome_label = line.step_id._get_outcomes().get(line.outcome, "")

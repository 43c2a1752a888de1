from odoo import api, fields, models


class CrmJourneyEdge(models.Model):
    """The way from one outcome of a step to the next step, or to the end."""

    _name = "crm.journey.edge"
    _description = "Journey Line"
    _order = "step_id, sequence, outcome"

    step_id = fields.Many2one(
        "crm.journey.step", required=True, ondelete="cascade", index=True
    )
    version_id = fields.Many2one(related="step_id.version_id", store=True)
    sequence = fields.Integer(default=10)
    outcome = fields.Char(required=True, default="next")
    target_id = fields.Many2one(
        "crm.journey.step",
        "Next Step",
        ondelete="set null",
        index="btree_not_null",
        domain="[('version_id', '=', version_id)]",
        help="Empty: the way ends here.",
    )
    weight = fields.Float(
        default=1, help="Of a random split: how many go this way, against the others."
    )

    _outcome_uniq = models.Constraint(
        "UNIQUE(step_id, outcome)", "Each outcome of a step leads to one step."
    )
    _weight_positive = models.Constraint(
        "CHECK(weight >= 0)", "A weight can't be negative."
    )

    @api.model_create_multi
    def create(self, vals_list):
        edges = super().create(vals_list)
        edges.version_id._check_draft()
        return edges

    def write(self, vals):
        self.version_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.version_id._check_draft()

from odoo import Command, api, fields, models


class CrmCaseMerge(models.TransientModel):
    """Choose which of the cases goes on."""

    _name = "crm.case.merge"
    _description = "Merge Cases"

    case_ids = fields.Many2many("crm.case", string="Cases", required=True)
    survivor_id = fields.Many2one(
        "crm.case",
        "Goes On",
        required=True,
        domain="[('id', 'in', case_ids)]",
        compute="_compute_survivor_id",
        store=True,
        readonly=False,
        precompute=True,
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "crm.case":
            chosen = self.env.context.get("active_ids", [])
            values.setdefault("case_ids", [Command.set(chosen)])
        return values

    @api.depends("case_ids")
    def _compute_survivor_id(self):
        """The oldest case goes on: its customer has waited longest."""
        for wizard in self:
            oldest = wizard.case_ids.sorted(lambda case: (case.date_received, case.id))
            wizard.survivor_id = wizard.survivor_id or oldest[:1]._origin

    def action_merge(self):
        self.ensure_one()
        self.survivor_id._merge(self.case_ids)
        return self.survivor_id._get_form_action()

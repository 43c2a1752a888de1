from odoo import api, fields, models


class CrmCaseStage(models.Model):
    """A stage of cases. Its kind says what the stage means to clocks and measures;
    its name and order are the team's own."""

    _name = "crm.case.stage"
    _description = "Case Stage"
    _order = "sequence, id"

    _CLOSED_KINDS = ("solved", "cancelled")

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("open", "We work on it"),
            ("waiting", "Waiting for the customer"),
            ("solved", "Solved"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="open",
        help="Waiting: the service level's clock stands still.\n"
        "Solved: complaints need an answer, a root cause and a resolution.\n"
        "Cancelled: duplicates and cases opened by mistake.",
    )
    fold = fields.Boolean("Folded in Kanban")
    team_ids = fields.Many2many(
        "crm.case.team",
        string="Teams",
        help="Leave empty for a stage of all teams.",
    )
    case_count = fields.Integer(compute="_compute_case_count")

    def _compute_case_count(self):
        counts = dict(
            self.env["crm.case"]._read_group(
                [("stage_id", "in", self.ids)], ["stage_id"], ["__count"]
            )
        )
        for stage in self:
            stage.case_count = counts.get(stage, 0)

    @api.model
    def _get_first(self, team_id=False, kind="open"):
        """Return the first stage of a kind that the team knows."""
        return self.sudo().search(
            [
                ("kind", "=", kind),
                "|",
                ("team_ids", "=", False),
                ("team_ids", "in", [team_id]),
            ],
            limit=1,
        )

from odoo import api, fields, models


class CrmVisitChecklistItem(models.Model):
    """What a technician has to see to at visits of a team or for a category."""

    _name = "crm.visit.checklist.item"
    _description = "Visit Checklist Item"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char("To Do", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    team_id = fields.Many2one(
        "crm.case.team",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: visits of all teams.",
    )
    category_id = fields.Many2one(
        "crm.case.category",
        index="btree_not_null",
        ondelete="cascade",
        help="Cases of this category and those below it. Empty: all cases.",
    )
    company_id = fields.Many2one(
        related="team_id.company_id", store=True, index="btree_not_null"
    )

    @api.model
    def _get_for_case(self, case):
        """Return the items for a visit about ``case``."""
        above = [
            int(key) for key in (case.category_id.parent_path or "").split("/")[:-1]
        ]
        return self.search(
            [
                ("team_id", "in", [False, case.team_id.id]),
                ("category_id", "in", [False, *above]),
            ]
        )

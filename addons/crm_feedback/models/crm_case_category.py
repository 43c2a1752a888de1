from odoo import api, fields, models


class CrmCaseCategory(models.Model):
    """What cases are about, as a tree."""

    _name = "crm.case.category"
    _description = "Case Category"
    _parent_store = True
    _rec_name = "complete_name"
    _order = "complete_name"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    complete_name = fields.Char(
        "Category", compute="_compute_complete_name", store=True, recursive=True
    )
    parent_id = fields.Many2one(
        "crm.case.category", "Parent Category", index=True, ondelete="restrict"
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("crm.case.category", "parent_id", "Subcategories")
    company_id = fields.Many2one("res.company", index=True)

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for category in self:
            names = [category.parent_id.complete_name, category.name]
            category.complete_name = " / ".join(filter(None, names))

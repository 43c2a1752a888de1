from odoo import api, fields, models


class CrmCaseWhy(models.Model):
    """One step of asking why: each answer is asked why again, until what is found can
    be removed. Five steps mostly do (Ohno, Toyota Production System, 1988)."""

    _name = "crm.case.why"
    _description = "Why"
    _order = "sequence, id"
    _rec_name = "answer"

    sequence = fields.Integer(default=10)
    number = fields.Integer("Why No.", compute="_compute_number")
    answer = fields.Char("Because", required=True)
    case_id = fields.Many2one("crm.case", index="btree_not_null", ondelete="cascade")
    corrective_action_id = fields.Many2one(
        "crm.corrective.action", index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, index=True
    )

    _place_check = models.Constraint(
        "CHECK (num_nonnulls(case_id, corrective_action_id) = 1)",
        "A why belongs to a case or to a corrective action.",
    )

    @api.depends("sequence", "case_id.why_ids", "corrective_action_id.why_ids")
    def _compute_number(self):
        for why in self:
            siblings = why.case_id.why_ids or why.corrective_action_id.why_ids
            ids = siblings.sorted("sequence").ids
            why.number = ids.index(why.id) + 1 if why.id in ids else len(ids) + 1

    @api.depends("case_id.company_id", "corrective_action_id.company_id")
    def _compute_company_id(self):
        for why in self:
            why.company_id = (
                why.case_id.company_id or why.corrective_action_id.company_id
            )

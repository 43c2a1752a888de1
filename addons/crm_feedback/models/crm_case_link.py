from odoo import api, fields, models


class CrmCaseLink(models.Model):
    """How one case relates to another. The case is the later one as a rule."""

    _name = "crm.case.link"
    _description = "Link between Cases"
    _order = "case_id, is_suspected desc, id"
    _check_company_auto = True

    case_id = fields.Many2one(
        "crm.case", required=True, index=True, ondelete="cascade", check_company=True
    )
    other_case_id = fields.Many2one(
        "crm.case",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("related", "is related to"),
            ("duplicate", "is a duplicate of"),
            ("repeat", "comes again after"),
            ("caused_by", "is caused by"),
        ],
        string="This Case",
        required=True,
        default="related",
    )
    is_suspected = fields.Boolean(
        "Recognised by Itself",
        readonly=True,
        help="Found when the case came in; nobody has looked at it yet.",
    )
    note = fields.Char("Why?", help="What the two have in common.")
    other_stage_id = fields.Many2one(related="other_case_id.stage_id")
    other_partner_id = fields.Many2one(related="other_case_id.partner_id")

    _pair_uniq = models.UniqueIndex(
        "(case_id, other_case_id, kind)", "These cases are linked like this already."
    )
    _not_itself = models.Constraint(
        "CHECK (case_id != other_case_id)", "A case can't be linked to itself."
    )

    @api.depends("kind", "other_case_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for link in self:
            link.display_name = f"{kinds[link.kind]} {link.other_case_id.display_name}"

    def action_confirm(self):
        self.is_suspected = False

    def action_dismiss(self):
        """The agent looked: the cases have nothing to do with each other."""
        self.unlink()

    def action_merge(self):
        """Merge this case into the other one."""
        self.ensure_one()
        survivor = self.other_case_id
        survivor._merge(self.case_id)
        return survivor._get_form_action()

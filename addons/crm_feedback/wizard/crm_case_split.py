from odoo import api, fields, models


class CrmCaseSplit(models.TransientModel):
    """A customer wrote about two things: the second one gets its own case."""

    _name = "crm.case.split"
    _description = "Split a Case"

    case_id = fields.Many2one("crm.case", required=True)
    name = fields.Char("Subject of the New Case", required=True)
    case_type = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["case_type"].selection,
        string="Type",
        required=True,
    )
    category_id = fields.Many2one("crm.case.category")
    team_id = fields.Many2one("crm.case.team")
    message_ids = fields.Many2many(
        "mail.message",
        string="Messages that Move",
        domain="[('model', '=', 'crm.case'), ('res_id', '=', case_id), "
        "('message_type', 'in', ('email', 'comment'))]",
        help="They and their files move to the new case.",
    )
    line_ids = fields.Many2many(
        "crm.case.line",
        string="Products that Move",
        domain="[('case_id', '=', case_id)]",
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        case = self.env["crm.case"].browse(values.get("case_id"))
        if case:
            values.setdefault("case_type", case.case_type)
            values.setdefault("team_id", case.team_id.id)
        return values

    def action_split(self):
        self.ensure_one()
        new = self.case_id._split(
            {
                "name": self.name,
                "case_type": self.case_type,
                "category_id": self.category_id.id,
                "team_id": self.team_id.id,
            },
            self.message_ids,
            self.line_ids,
        )
        return new._get_form_action()

from odoo import api, fields, models


class CrmRootCause(models.Model):
    """Why cases arise, as a tree: what has to change so that they don't come back."""

    _name = "crm.root.cause"
    _description = "Root Cause"
    _parent_store = True
    _rec_name = "complete_name"
    _order = "complete_name"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    complete_name = fields.Char(
        "Root Cause", compute="_compute_complete_name", store=True, recursive=True
    )
    parent_id = fields.Many2one(
        "crm.root.cause", "Parent Cause", index=True, ondelete="restrict"
    )
    parent_path = fields.Char(index=True)
    area = fields.Selection(
        [
            ("product", "Product"),
            ("delivery", "Delivery"),
            ("billing", "Billing"),
            ("service", "Service"),
            ("supplier", "Supplier"),
            ("customer", "Customer"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
    )
    description = fields.Text(translate=True)
    company_id = fields.Many2one("res.company", index=True)
    corrective_action_ids = fields.One2many(
        "crm.corrective.action", "root_cause_id", "Actions"
    )
    case_count = fields.Integer("Cases", compute="_compute_case_count")
    complaint_count = fields.Integer("Complaints", compute="_compute_case_count")

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for cause in self:
            names = [cause.parent_id.complete_name, cause.name]
            cause.complete_name = " / ".join(filter(None, names))

    def _compute_case_count(self):
        counts = {
            (cause, case_type): count
            for cause, case_type, count in self.env["crm.case"]._read_group(
                [("root_cause_id", "in", self.ids)],
                ["root_cause_id", "case_type"],
                ["__count"],
            )
        }
        for cause in self:
            own = {key[1]: count for key, count in counts.items() if key[0] == cause}
            cause.case_count = sum(own.values())
            cause.complaint_count = own.get("complaint", 0)

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action.update(domain=[("root_cause_id", "=", self.id)], context={})
        return action

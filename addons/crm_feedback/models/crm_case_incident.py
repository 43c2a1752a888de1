from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmCaseIncident(models.Model):
    """One cause that hits many customers: a parent case, with a case of each.

    When the parent is solved, its children are answered, each in its customer's
    language, and solved with the same cause and resolution.
    """

    _inherit = "crm.case"

    parent_id = fields.Many2one(
        "crm.case",
        "Part of",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        domain="[('parent_id', '=', False), ('id', '!=', id)]",
        groups="base.group_user",
        help="The case that is solved once for many customers.",
    )
    child_ids = fields.One2many(
        "crm.case", "parent_id", "Customers Hit", groups="base.group_user"
    )
    child_count = fields.Integer(
        compute="_compute_child_counts", groups="base.group_user"
    )
    open_child_count = fields.Integer(
        compute="_compute_child_counts", groups="base.group_user"
    )
    closing_template_id = fields.Many2one(
        "mail.template",
        "Answer when Solved",
        domain="[('model', '=', 'crm.case')]",
        default=lambda self: self._default_closing_template_id(),
        groups="base.group_user",
        help="Sent to the customer of each case below, in his language, when this "
        "case is solved.",
    )

    def _default_closing_template_id(self):
        return self.env.ref(
            "crm_feedback.mail_template_case_incident_solved", raise_if_not_found=False
        )

    @api.depends("child_ids.stage_kind")
    def _compute_child_counts(self):
        rows = self.env["crm.case"]._read_group(
            [("parent_id", "in", self.ids)], ["parent_id", "stage_kind"], ["__count"]
        )
        for case in self:
            own = [(kind, count) for parent, kind, count in rows if parent == case]
            case.child_count = sum(count for _kind, count in own)
            case.open_child_count = sum(
                count for kind, count in own if kind in ("open", "waiting")
            )

    @api.constrains("parent_id")
    def _check_parent_id(self):
        for case in self:
            if case.parent_id == case or (case.parent_id and case.child_ids):
                raise ValidationError(
                    self.env._(
                        "%(case)s has cases below it or is its own parent: choose "
                        "another parent.",
                        case=case.number,
                    )
                )
            if case.parent_id.parent_id:
                raise ValidationError(
                    self.env._(
                        "%(case)s is part of another case itself: choose that one.",
                        case=case.parent_id.number,
                    )
                )

    def action_open_children(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action["domain"] = [("parent_id", "=", self.id)]
        action["context"] = {"default_parent_id": self.id}
        return action

    def action_answer_children(self):
        """Answer the customers hit with a macro, before the cause is removed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_run_macro_action"
        )
        open_children = self.child_ids.filtered(
            lambda case: case.stage_kind in ("open", "waiting")
        )
        action["context"] = {"default_case_ids": open_children.ids}
        return action

    def _close(self):
        """Solve the cases below together with their parent."""
        result = super()._close()
        for parent in self.filtered(lambda case: case.stage_kind == "solved"):
            parent._solve_children()
        return result

    def _solve_children(self):
        self.ensure_one()
        children = self.child_ids.filtered(
            lambda case: case.stage_kind in ("open", "waiting")
        )
        if not children:
            return
        found = {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in ("root_cause_id", "resolution_id", "resolution_note")
            if self[name]
        }
        children.write(found)
        children._answer_with(self.closing_template_id)
        children._move_to("solved")
        self._note(
            self.env._(
                "%s customers were answered, and their cases solved with this one.",
                len(children),
            )
        )

from odoo import fields, models


class CrmCaseDispatch(models.Model):
    """Visits on site for a case."""

    _inherit = "crm.case"

    visit_ids = fields.One2many(
        "crm.case.visit", "case_id", "Visits", groups="base.group_user"
    )
    visit_count = fields.Integer(
        compute="_compute_visit_count", groups="base.group_user"
    )

    def _compute_visit_count(self):
        counts = dict(
            self.env["crm.case.visit"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.visit_count = counts.get(case, 0)

    def action_plan_visit(self):
        """Look for times at which a technician and the customer are free."""
        self.ensure_one()
        dispatch = self.env["crm.case.dispatch"].create({"case_id": self.id})
        return dispatch.action_search()

    def action_open_visits(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_visit_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        return action

    def _get_history_line(self):
        """Return the case in one line, for whoever goes to its customer."""
        self.ensure_one()
        end = self.resolution_id.name or self.stage_id.name
        day = fields.Date.to_date(self.date_received)
        return f"{day} {self.number} {self.name}: {end}"

    def _get_merge_relations(self):
        return [*super()._get_merge_relations(), ("crm.case.visit", "case_id")]

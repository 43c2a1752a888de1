from odoo import Command, api, fields, models


class CrmCaseVisitChecklist(models.Model):
    """The checklist of a visit, taken from its team and category."""

    _inherit = "crm.case.visit"

    check_ids = fields.One2many("crm.case.visit.check", "visit_id", "Checklist")
    check_count = fields.Integer(compute="_compute_check_counts")
    checked_count = fields.Integer(compute="_compute_check_counts")

    @api.depends("check_ids.is_done")
    def _compute_check_counts(self):
        for visit in self:
            visit.check_count = len(visit.check_ids)
            visit.checked_count = len(visit.check_ids.filtered("is_done"))

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        for visit in visits:
            if not visit.check_ids:
                visit.check_ids = visit._prepare_checklist()
        return visits

    def _prepare_checklist(self):
        items = self.env["crm.visit.checklist.item"].sudo()._get_for_case(self.case_id)
        return [
            Command.create({"name": item.name, "sequence": item.sequence})
            for item in items
        ]

    def _get_report_rows(self):
        done = self.check_ids.filtered("is_done")
        return [
            *super()._get_report_rows(),
            (self.env._("Done"), done._get_summary()),
            (self.env._("Not done"), (self.check_ids - done)._get_summary()),
        ]

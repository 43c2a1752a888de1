from odoo import api, fields, models


class CrmCaseSuggestion(models.Model):
    """The category that the company's earlier cases suggest for this one."""

    _inherit = "crm.case"

    suggested_category_id = fields.Many2one(
        "crm.case.category",
        compute="_compute_suggested_category_id",
        groups="crm_feedback.crm_feedback_group_user",
    )
    suggestion_confidence = fields.Float(
        "Confidence",
        compute="_compute_suggested_category_id",
        groups="crm_feedback.crm_feedback_group_user",
    )

    @api.depends("name", "description", "category_id", "company_id")
    def _compute_suggested_category_id(self):
        self.suggested_category_id = False
        self.suggestion_confidence = 0
        uncategorised = self.filtered(lambda case: not case.category_id and case.name)
        for company, cases in uncategorised.grouped("company_id").items():
            classifier = (
                self.env["crm.case.classifier"]
                .sudo()
                .search([("company_id", "=", company.id)])
            )
            if classifier:
                for case, (category, share) in classifier._suggest(cases).items():
                    case.suggested_category_id = category.with_env(self.env)
                    case.suggestion_confidence = share

    def action_accept_category(self):
        for case in self.filtered("suggested_category_id"):
            case.category_id = case.suggested_category_id

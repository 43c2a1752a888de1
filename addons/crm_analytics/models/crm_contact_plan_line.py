from odoo import fields, models


class CrmContactPlanLine(models.Model):
    """A contact that the plan chose."""

    _name = "crm.contact.plan.line"
    _description = "Planned Contact"
    _order = "value DESC, id"
    _rec_name = "partner_id"

    plan_id = fields.Many2one(
        "crm.contact.plan", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", index=True
    )
    campaign_id = fields.Many2one("utm.campaign", required=True, ondelete="cascade")
    value = fields.Monetary("Expected Margin", help="Less the cost of the contact.")
    cost = fields.Monetary()

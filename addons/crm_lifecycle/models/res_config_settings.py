from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_at_risk_days = fields.Integer(
        related="company_id.crm_at_risk_days", readonly=False
    )
    crm_lapsed_days = fields.Integer(
        related="company_id.crm_lapsed_days", readonly=False
    )
    crm_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of Campaigns"
    )
    crm_campaign_approval_amount = fields.Monetary(
        related="company_id.crm_campaign_approval_amount",
        readonly=False,
        currency_field="crm_currency_id",
    )
    crm_loyal_orders = fields.Integer(
        related="company_id.crm_loyal_orders", readonly=False
    )

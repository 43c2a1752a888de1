from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_sla_warning_percent = fields.Integer(
        related="company_id.crm_sla_warning_percent", readonly=False
    )
    crm_comment_months = fields.Integer(
        related="company_id.crm_comment_months", readonly=False
    )

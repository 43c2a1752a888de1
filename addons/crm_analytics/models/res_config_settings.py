from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    recommendation_holdout = fields.Float(
        related="company_id.recommendation_holdout", readonly=False
    )

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    perfect_order_promise = fields.Selection(
        related="company_id.perfect_order_promise", readonly=False
    )

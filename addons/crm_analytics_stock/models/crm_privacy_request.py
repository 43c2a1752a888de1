from odoo import api, models


class CrmPrivacyRequest(models.Model):
    _inherit = "crm.privacy.request"

    @api.model
    def _get_exempt_models(self):
        return {
            **super()._get_exempt_models(),
            "crm.perfect.order.report": "a view of orders",
        }

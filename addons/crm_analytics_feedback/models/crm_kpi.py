from odoo import api, models


class CrmKpi(models.Model):
    _inherit = "crm.kpi"

    @api.model
    def _get_standard(self):
        kpis = super()._get_standard()
        answer = self.env.ref(
            "crm_analytics_feedback.crm_kpi_first_response", raise_if_not_found=False
        )
        return kpis | answer if answer else kpis

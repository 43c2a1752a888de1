from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _unite_customer_data(self, src_partners, dst_partner):
        result = super()._unite_customer_data(src_partners, dst_partner)
        self._keep_best_row(
            "crm_product_recommendation",
            src_partners,
            dst_partner,
            SQL("company_id, product_id"),
            SQL("rank, id"),
        )
        return result

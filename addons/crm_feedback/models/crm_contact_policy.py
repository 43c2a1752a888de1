from odoo import api, models
from odoo.tools import SQL

from odoo.addons.crm_lifecycle.contact_reasons.hold_source import HoldSource


class CrmContactPolicy(models.Model):
    """Nobody is offered anything while his complaint is open."""

    _inherit = "crm.contact.policy"

    @api.model
    def _get_hold_sources(self, circumstances):
        sources = super()._get_hold_sources(circumstances)
        if circumstances.purpose.is_promotion:
            sources.insert(0, self._get_complaint_source())
        return sources

    @api.model
    def _get_complaint_source(self):
        self.env["crm.case"].flush_model()
        query = SQL(
            """
            SELECT DISTINCT commercial_partner_id AS partner_id,
                   NULL::timestamp AS until
              FROM crm_case
             WHERE active AND case_type = 'complaint'
               AND stage_kind IN ('open', 'waiting')
            """
        )
        return HoldSource("complaint", query, whole_customer=True)

from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _unite_customer_data(self, src_partners, dst_partner):
        """Add up how often the contacts read a page."""
        result = super()._unite_customer_data(src_partners, dst_partner)
        self.env.execute_query(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM crm_page_reading WHERE contact_id = ANY(%s)
                    RETURNING page_id, view_count, last_date
                )
                INSERT INTO crm_page_reading AS reading
                       (contact_id, page_id, view_count, last_date)
                SELECT %s, page_id, sum(view_count), max(last_date)
                  FROM gone GROUP BY page_id
                ON CONFLICT (contact_id, page_id) DO UPDATE
                   SET view_count = reading.view_count + excluded.view_count,
                       last_date = GREATEST(reading.last_date, excluded.last_date)
                RETURNING reading.id
                """,
                (src_partners - dst_partner).ids,
                dst_partner.id,
            )
        )
        self.env["crm.page.reading"].invalidate_model()
        return result

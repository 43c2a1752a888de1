from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

EXPIRY_BATCH = 50_000


class CrmPageReading(models.Model):
    """How often a contact read a page, of the page views that were deleted."""

    _name = "crm.page.reading"
    _description = "Page Read by a Contact"
    _order = "view_count DESC, id DESC"
    _log_access = False
    _rec_name = "page_id"

    contact_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", readonly=True
    )
    page_id = fields.Many2one(
        "website.page", required=True, ondelete="cascade", readonly=True, index=True
    )
    view_count = fields.Integer("Views", readonly=True)
    last_date = fields.Datetime("Last Read on", readonly=True)

    _page_uniq = models.UniqueIndex(
        "(contact_id, page_id)", "This contact's views of the page are counted already."
    )

    @api.autovacuum
    def _gc_expired_views(self):
        """Count and delete a batch of page views older than their events are kept.

        The views of contacts who have not agreed are deleted without being counted.
        """
        event_type = self.env.ref(
            "crm_lifecycle_website.crm_customer_event_type_page_visited",
            raise_if_not_found=False,
        )
        if not event_type or not event_type.retention_months:
            return 0, 0
        kept_from = self.env.cr.now() - relativedelta(
            months=event_type.retention_months
        )
        self.env.flush_all()
        visitors = self.env["website.visitor"].sudo()
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        [(deleted,)] = self.env.execute_query(
            SQL(
                """
                WITH expired AS (
                    SELECT track.id, visitor.partner_id
                      FROM website_track track
                      JOIN website_visitor visitor ON visitor.id = track.visitor_id
                     WHERE visitor.partner_id IS NOT NULL
                       AND track.visit_datetime < %(kept_from)s
                     LIMIT %(limit)s FOR UPDATE OF track SKIP LOCKED
                ), deleted AS (
                    DELETE FROM website_track track USING expired
                     WHERE track.id = expired.id
                    RETURNING expired.partner_id, track.page_id, track.visit_datetime
                ), counted AS (
                    INSERT INTO crm_page_reading AS reading
                           (contact_id, page_id, view_count, last_date)
                    SELECT partner_id, page_id, count(*), max(visit_datetime)
                      FROM deleted
                     WHERE page_id IS NOT NULL AND partner_id IN %(allowed)s
                     GROUP BY 1, 2
                    ON CONFLICT (contact_id, page_id) DO UPDATE
                       SET view_count = reading.view_count + excluded.view_count,
                           last_date = GREATEST(reading.last_date, excluded.last_date)
                )
                SELECT count(*) FROM deleted
                """,
                kept_from=kept_from,
                limit=EXPIRY_BATCH,
                allowed=partners._search(visitors._get_allowed_partners()).subselect(),
            )
        )
        self.invalidate_model()
        self.env["website.track"].invalidate_model()
        return deleted, deleted == EXPIRY_BATCH

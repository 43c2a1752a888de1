from odoo import api, fields, models
from odoo.tools import SQL

EXPIRY_BATCH = 100_000


class CrmCustomerEventTotal(models.Model):
    """What is left of expired customer events: their number and value per month."""

    _name = "crm.customer.event.total"
    _description = "Monthly Total of Customer Events"
    _order = "month DESC, id DESC"
    _log_access = False
    _rec_name = "type_id"

    type_id = fields.Many2one(
        "crm.customer.event.type",
        "Event",
        required=True,
        ondelete="cascade",
        readonly=True,
        index=True,
    )
    category = fields.Selection(related="type_id.category")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    event_count = fields.Integer("Events", readonly=True)
    value = fields.Monetary(readonly=True, aggregator="sum")

    _month_uniq = models.UniqueIndex(
        "(partner_id, company_id, type_id, month)", "This month is rolled up already."
    )

    @api.autovacuum
    def _gc_expired_events(self):
        """Roll a batch of expired events into their months, and delete them."""
        self._mark_expired()
        [(deleted,)] = self.env.execute_query(
            SQL(
                """
                WITH expired AS (
                    SELECT event.id FROM crm_customer_event event
                      JOIN crm_customer_event_type type ON type.id = event.type_id
                     WHERE type.retention_months > 0
                       AND event.date < type.expired_before
                     LIMIT %s FOR UPDATE OF event SKIP LOCKED
                ), deleted AS (
                    DELETE FROM crm_customer_event
                     WHERE id IN (SELECT id FROM expired)
                    RETURNING partner_id, company_id, type_id, date, value
                ), rolled AS (
                    INSERT INTO crm_customer_event_total AS total
                           (partner_id, company_id, type_id, month, event_count, value)
                    SELECT partner_id, company_id, type_id,
                           date_trunc('month', date)::date, count(*),
                           COALESCE(sum(value), 0)
                      FROM deleted GROUP BY 1, 2, 3, 4
                    ON CONFLICT (partner_id, company_id, type_id, month) DO UPDATE
                       SET event_count = total.event_count + excluded.event_count,
                           value = total.value + excluded.value
                )
                SELECT count(*) FROM deleted
                """,
                EXPIRY_BATCH,
            )
        )
        self.invalidate_model()
        self.env["crm.customer.event"].invalidate_model()
        return deleted, deleted == EXPIRY_BATCH

    @api.model
    def _mark_expired(self):
        """Say of each type what is expired: from now on it is not read again."""
        types = self.env["crm.customer.event.type"]
        types.flush_model(["retention_months", "expired_before"])
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_customer_event_type
                   SET expired_before = GREATEST(expired_before,
                       %(now)s::timestamp - make_interval(months => retention_months))
                 WHERE retention_months > 0 RETURNING id
                """,
                now=self.env.cr.now(),
            )
        )
        if rows:
            types.invalidate_model(["expired_before"])
            self.env.registry.clear_cache()

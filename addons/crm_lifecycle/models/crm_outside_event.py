from odoo import api, fields, models
from odoo.tools import SQL

EXPIRY_BATCH = 50_000


class CrmOutsideEvent(models.Model):
    """A fact that an outside source has told, such as a call or a web order.

    The document behind the customer events of its type, which are captured from it as
    from any other document, once it is known whom the fact is about.
    """

    _name = "crm.outside.event"
    _description = "Outside Event"
    _order = "date DESC, id DESC"

    source_id = fields.Many2one(
        "crm.outside.source", required=True, ondelete="cascade", readonly=True
    )
    key = fields.Char(
        "Idempotency Key",
        required=True,
        readonly=True,
        help="Given by the source: an event sent again has the same key.",
    )
    type_id = fields.Many2one(
        "crm.customer.event.type",
        "Event Type",
        required=True,
        ondelete="cascade",
        readonly=True,
        index=True,
    )
    name = fields.Char(readonly=True)
    date = fields.Datetime(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    value = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    campaign_id = fields.Many2one(
        "utm.campaign", ondelete="set null", index="btree_not_null", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", ondelete="set null", index=True, readonly=True
    )
    match_id = fields.Many2one(
        "crm.identity.match",
        "Doubt",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    url = fields.Char("Link", readonly=True)
    data = fields.Json("Further Data", readonly=True)
    data_text = fields.Text("Details", compute="_compute_data_text")

    _key_uniq = models.Constraint(
        "UNIQUE(source_id, key)", "A source sends each event once."
    )
    _date_idx = models.Index("(date)")

    @api.depends("name", "type_id")
    def _compute_display_name(self):
        for event in self:
            event.display_name = event.name or event.type_id.name

    @api.depends("data")
    def _compute_data_text(self):
        for event in self:
            event.data_text = "\n".join(
                f"{name}: {value}" for name, value in (event.data or {}).items()
            )

    def action_open_url(self):
        """Open the page of the source that shows this event."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    # ------------------------------------------------------------
    # Customer events
    # ------------------------------------------------------------

    def _capture_facts(self):
        """Make the customer events of those whose customer is known."""
        if not self:
            return
        event_type = self.env["crm.customer.event.type"]
        for fact_type, events in self.grouped("type_id").items():
            event_type._capture(fact_type.code, events)

    def _forget_facts(self):
        """Delete the customer events made of these: they were another customer's."""
        if not self:
            return
        self.env.execute_query(
            SQL(
                """
                WITH deleted AS (
                    DELETE FROM crm_customer_event event
                     USING crm_outside_event fact
                     WHERE fact.id IN %s AND event.type_id = fact.type_id
                       AND event.res_id = fact.id
                    RETURNING event.partner_id, event.company_id
                )
                INSERT INTO crm_customer_profile_refresh (partner_id, company_id)
                SELECT DISTINCT partner_id, company_id FROM deleted
                RETURNING id
                """,
                self._ids,
            )
        )
        self.env["crm.customer.event"].invalidate_model()
        self.env["crm.customer.profile"]._wake_refresh()

    @api.autovacuum
    def _gc_expired(self):
        """Delete a batch of the facts whose type keeps its events no longer."""
        self.env["crm.customer.event.type"].flush_model(["retention_months"])
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM crm_outside_event WHERE id IN (
                    SELECT fact.id FROM crm_outside_event fact
                      JOIN crm_customer_event_type type ON type.id = fact.type_id
                     WHERE type.retention_months > 0 AND fact.date
                         < %s - make_interval(months => type.retention_months)
                     LIMIT %s)
                RETURNING id
                """,
                self.env.cr.now(),
                EXPIRY_BATCH,
            )
        )
        return len(rows), len(rows) == EXPIRY_BATCH

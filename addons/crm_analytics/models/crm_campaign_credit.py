from odoo import fields, models
from odoo.tools import SQL

# Days in which a touch loses half its weight, where its age counts.
HALF_LIFE = 7


class CrmCampaignCredit(models.Model):
    """The share of an order that is owed to one touch of a campaign.

    A touch is what a customer did about a campaign: clicked, became a lead, ordered by
    a link of it. All touches before an order, of all campaigns, make its path; each
    campaign takes its share by its own model. Campaigns with the same model share an
    order without rest.
    """

    _name = "crm.campaign.credit"
    _description = "Campaign Attribution"
    _order = "date_order DESC, order_id, position"
    _log_access = False
    _rec_name = "order_id"

    campaign_id = fields.Many2one(
        "utm.campaign", required=True, ondelete="cascade", index=True, readonly=True
    )
    order_id = fields.Many2one(
        "sale.order", required=True, ondelete="cascade", index=True, readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one("res.company", ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("click", "Clicked"), ("lead", "Became a lead"), ("order", "Ordered by link")],
        "Touch",
        readonly=True,
    )
    mailing_id = fields.Many2one("mailing.mailing", ondelete="set null", readonly=True)
    date_touch = fields.Datetime("Touched on", readonly=True)
    date_order = fields.Datetime("Ordered on", readonly=True)
    position = fields.Integer(readonly=True, aggregator=False)
    touches = fields.Integer("Of Touches", readonly=True, aggregator=False)
    weight = fields.Float("Orders", readonly=True, digits=(16, 3))
    revenue = fields.Monetary(readonly=True, help="Untaxed.")
    margin = fields.Monetary(
        readonly=True, help="Revenue less the present cost of the products."
    )

    def _refresh(self, campaigns):
        """Attribute orders to ``campaigns`` anew, as things stand.

        :return: number of credits
        """
        self.env.flush_all()
        ids = tuple(campaigns.ids) or (0,)
        effects = self._learn_removal_effects(campaigns)
        self.env.execute_query(
            SQL(
                "DELETE FROM crm_campaign_credit WHERE campaign_id IN %s RETURNING id",
                ids,
            )
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH path AS (
                    SELECT path.*, removal.effect / count(*) OVER (
                               PARTITION BY path.order_id, path.campaign_id) AS loss
                      FROM (%(paths)s) path
                 LEFT JOIN unnest(%(removed)s::int4[], %(effects)s::float8[])
                           AS removal (campaign_id, effect)
                        ON removal.campaign_id = path.campaign_id
                ), weighted AS (
                    SELECT path.*, CASE attribution_model
                           WHEN 'first' THEN (position = 1)::int
                           WHEN 'last' THEN (position = touches)::int
                           WHEN 'linear' THEN 1.0 / touches
                           WHEN 'time_decay' THEN freshness
                                / NULLIF(sum(freshness) OVER (PARTITION BY order_id), 0)
                           WHEN 'removal' THEN COALESCE(
                                COALESCE(loss, 0)
                                / NULLIF(sum(loss) OVER (PARTITION BY order_id), 0),
                                1.0 / touches)
                           ELSE CASE
                               WHEN touches = 1 THEN 1
                               WHEN touches = 2 THEN 0.5
                               WHEN position IN (1, touches) THEN 0.4
                               ELSE 0.2 / (touches - 2) END
                           END AS weight
                      FROM path
                )
                INSERT INTO crm_campaign_credit (campaign_id, order_id, partner_id,
                       company_id, kind, mailing_id, date_touch, date_order, position,
                       touches, weight, revenue, margin)
                SELECT weighted.campaign_id, weighted.order_id, weighted.partner_id,
                       weighted.company_id, weighted.kind, weighted.mailing_id,
                       weighted.date, weighted.date_order, weighted.position,
                       weighted.touches, weighted.weight,
                       weighted.weight * amount.revenue,
                       weighted.weight * (amount.revenue - amount.cost)
                  FROM weighted
            CROSS JOIN LATERAL (%(amounts)s) amount
                 WHERE weighted.campaign_id IN %(campaigns)s AND weighted.weight > 0
                RETURNING id
                """,
                paths=self._paths_to_sql(),
                removed=list(effects),
                effects=list(effects.values()),
                amounts=self._amounts_to_sql(),
                campaigns=ids,
            )
        )
        self.invalidate_model()
        return len(rows)

    def _learn_removal_effects(self, campaigns):
        """Return the removal effects that attribution to ``campaigns`` asks for."""
        return {}

    def _paths_to_sql(self):
        """Return a query of the touches on the way to each order, in their places."""
        return SQL(
            """
            SELECT touch.*, so.id AS order_id, so.company_id, so.date_order,
                   row_number() OVER path_window AS position,
                   count(*) OVER (PARTITION BY so.id) AS touches,
                   power(2, -extract(epoch FROM so.date_order - touch.date)
                            / 86400 / %(half_life)s) AS freshness,
                   campaign.attribution_model
              FROM (%(touches)s) touch
              JOIN utm_campaign campaign ON campaign.id = touch.campaign_id
              JOIN res_partner contact
                ON contact.commercial_partner_id = touch.partner_id
              JOIN sale_order so ON so.partner_id = contact.id
             WHERE so.state = 'sale' AND touch.date <= so.date_order
               AND touch.date >= so.date_order
                   - campaign.attribution_days * interval '1 day'
               AND (touch.own_order_id IS NULL OR touch.own_order_id = so.id)
            WINDOW path_window AS (PARTITION BY so.id
                                   ORDER BY touch.date, touch.key)
            """,
            touches=self._touches_to_sql(),
            half_life=HALF_LIFE,
        )

    def _touches_to_sql(self):
        """Hook: return a query of all touches.

        Columns: campaign_id, partner_id (the customer), date, kind, mailing_id,
        own_order_id (the only order it can lead to), key (sorts what is simultaneous).
        """
        clicked = self.env.ref("crm_lifecycle.crm_customer_event_type_mailing_clicked")
        lead = self.env.ref("crm_lifecycle.crm_customer_event_type_lead_created")
        return SQL(
            """
            SELECT trace.campaign_id, event.partner_id, event.date, 'click' AS kind,
                   trace.mass_mailing_id AS mailing_id, NULL::int AS own_order_id,
                   event.id::bigint AS key
              FROM crm_customer_event event
              JOIN mailing_trace trace ON trace.id = event.res_id
             WHERE event.type_id = %(clicked)s AND trace.campaign_id IS NOT NULL
             UNION ALL
            SELECT lead.campaign_id, event.partner_id, event.date, 'lead', NULL, NULL,
                   event.id
              FROM crm_customer_event event
              JOIN crm_lead lead ON lead.id = event.res_id
             WHERE event.type_id = %(lead)s AND lead.campaign_id IS NOT NULL
             UNION ALL
            SELECT so.campaign_id, contact.commercial_partner_id, so.date_order,
                   'order', NULL, so.id, 9223372036854775807
              FROM sale_order so
              JOIN res_partner contact ON contact.id = so.partner_id
             WHERE so.campaign_id IS NOT NULL AND so.state = 'sale'
            """,
            clicked=clicked.id,
            lead=lead.id,
        )

    def _amounts_to_sql(self):
        """Return revenue and cost of the order ``weighted.order_id``, untaxed, in
        company currency."""
        profiles = self.env["crm.customer.profile"]
        return SQL(
            """
            SELECT COALESCE(sum(line.price_subtotal
                                / COALESCE(NULLIF(so.currency_rate, 0), 1)), 0)
                       AS revenue,
                   COALESCE(sum(%(cost)s), 0) AS cost
              FROM sale_order so
              JOIN sale_order_line line ON line.order_id = so.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              %(cost_joins)s
             WHERE so.id = weighted.order_id AND line.display_type IS NULL
               AND line.is_downpayment IS NOT TRUE
            """,
            cost=profiles._get_line_cost_sql(),
            cost_joins=profiles._get_line_cost_joins(),
        )

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .utm_campaign import USER_GROUP

# So many customers of past campaigns weigh as much as what all of them did.
PRIOR_CUSTOMERS = 50
# Two campaigns that share so much of the smaller audience are worth a warning.
OVERLAP_SHARE = 0.1
# Of a campaign without dates.
HABIT_DAYS = 30


class UtmCampaignPlan(models.Model):
    """The plan of a campaign: what it offers, what to expect, whom else it meets."""

    _inherit = "utm.campaign"

    offer_product_ids = fields.Many2many(
        "product.product",
        "utm_campaign_offer_product_rel",
        string="Products Offered",
        groups=USER_GROUP,
    )
    offer_pricelist_id = fields.Many2one(
        "product.pricelist",
        "Price List Offered",
        ondelete="set null",
        groups=USER_GROUP,
    )
    expected_order_count = fields.Integer(
        "Expected Buyers", readonly=True, copy=False, groups=USER_GROUP
    )
    expected_revenue = fields.Monetary(
        readonly=True, copy=False, groups=USER_GROUP, help="Untaxed."
    )
    expectation_note = fields.Char(
        "Estimated From", readonly=True, copy=False, groups=USER_GROUP
    )
    overlap_note = fields.Text(readonly=True, copy=False, groups=USER_GROUP)

    # ------------------------------------------------------------
    # Expected response
    # ------------------------------------------------------------

    def action_estimate(self):
        """Estimate buyers and revenue from past campaigns on similar customers.

        Of each lifecycle stage, the share of the customers contacted by past campaigns
        with the same objective who bought meanwhile, drawn towards the share of all by
        :data:`PRIOR_CUSTOMERS` customers (empirical Bayes), times the customers of
        that stage in the audience. Past: ended, or running for 30 days. Before there
        is any, what the audience bought of late: what a campaign adds nobody knows yet.
        """
        for campaign in self:
            campaign._estimate()

    def _estimate(self):
        past = self._get_past_campaigns()
        history = self._read_past_responses(past)
        contacted = sum(row["contacted"] for row in history)
        if not contacted:
            self._expect_habit()
            return
        buyers = sum(row["buyers"] for row in history)
        revenue = sum(row["revenue"] for row in history)
        mean = buyers / contacted
        basket = revenue / buyers if buyers else 0
        rates = {
            row["stage"]: (row["buyers"] + PRIOR_CUSTOMERS * mean)
            / (row["contacted"] + PRIOR_CUSTOMERS)
            for row in history
        }
        audience = self._read_audience_stages()
        expected = sum(
            count * rates.get(stage, mean) for stage, count in audience.items()
        )
        expected *= 1 - self.control_share / 100
        self.sudo().write(
            {
                "expected_order_count": round(expected),
                "expected_revenue": expected * basket,
                "expectation_note": self.env._(
                    "%(campaigns)s past campaigns with %(customers)s customers, of "
                    "whom %(rate)s bought.",
                    campaigns=len(past),
                    customers=contacted,
                    rate=f"{mean:.1%}",
                ),
            }
        )

    def _expect_habit(self):
        """Expect what the audience bought in as many days before the campaign."""
        days = (
            (self.date_end - self.date_start).days + 1
            if self.date_start and self.date_end
            else HABIT_DAYS
        )
        buyers, revenue = self._read_habit(days)
        share = 1 - self.control_share / 100
        self.sudo().write(
            {
                "expected_order_count": round(buyers * share),
                "expected_revenue": revenue * share,
                "expectation_note": self.env._(
                    "What this audience bought in the last %(days)s days without a "
                    "campaign: none has ended yet to learn from what one adds.",
                    days=days,
                ),
            }
        )

    def _read_habit(self, days):
        """Return buyers in the audience and revenue of so many days up to now."""
        query = self.env["res.partner"].sudo()._search(self._get_audience_domain())
        self.env.flush_all()
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT count(DISTINCT contact.commercial_partner_id),
                       COALESCE(sum(so.amount_untaxed
                                / COALESCE(NULLIF(so.currency_rate, 0), 1)), 0)::float
                  FROM sale_order so
                  JOIN res_partner contact ON contact.id = so.partner_id
                 WHERE contact.commercial_partner_id IN %s AND so.state = 'sale'
                   AND so.date_order >= %s AND so.company_id = %s
                """,
                query.subselect(),
                fields.Datetime.subtract(self.env.cr.now(), days=days),
                (self.company_id or self.env.company).id,
            )
        )
        return row

    def _get_past_campaigns(self):
        """Return the campaigns to learn from: those for the same end, else all."""
        month_ago = fields.Date.subtract(fields.Date.context_today(self), days=30)
        domain = Domain("id", "!=", self._origin.id) & Domain(
            "company_id", "in", [False, *self.company_id.ids]
        )
        domain &= Domain("state", "=", "done") | (
            Domain("state", "=", "running") & Domain("date_start", "<", month_ago)
        )
        domain &= Domain("member_ids", "!=", False)
        past = self.sudo().search(domain)
        alike = past.filtered(lambda campaign: campaign.objective == self.objective)
        return alike or past

    def _read_past_responses(self, past):
        """Return per lifecycle stage the customers contacted, buyers and revenue.

        :rtype: list[dict]
        """
        if not past:
            return []
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT profile.lifecycle_stage AS stage, count(*) AS contacted,
                       count(bought.revenue) AS buyers,
                       COALESCE(sum(bought.revenue), 0)::float AS revenue
                  FROM crm_campaign_member member
                  JOIN utm_campaign campaign ON campaign.id = member.campaign_id
             LEFT JOIN crm_customer_profile profile
                    ON profile.partner_id = member.partner_id
                   AND profile.company_id = COALESCE(member.company_id, %(company)s)
             LEFT JOIN LATERAL (%(bought)s) bought ON TRUE
                 WHERE member.campaign_id IN %(past)s AND NOT member.is_control
                 GROUP BY profile.lifecycle_stage
                """,
                company=(self.company_id or self.env.company).id,
                past=past._ids,
                bought=self._member_orders_to_sql(),
            )
        )

    def _member_orders_to_sql(self):
        """Return what a ``member`` of a ``campaign`` ordered while it ran.

        ``revenue`` is NULL for who ordered nothing. Untaxed, in company currency.
        """
        return SQL(
            """
            SELECT sum(so.amount_untaxed / COALESCE(NULLIF(so.currency_rate, 0), 1))
                       AS revenue
              FROM sale_order so
              JOIN res_partner contact ON contact.id = so.partner_id
             WHERE contact.commercial_partner_id = member.partner_id
               AND so.state = 'sale' AND so.date_order >= member.date_drawn
               AND (campaign.date_end IS NULL
                    OR so.date_order < campaign.date_end + 1)
               AND (campaign.company_id IS NULL
                    OR so.company_id = campaign.company_id)
            """
        )

    def _read_audience_stages(self):
        """Return the number of customers in the audience by lifecycle stage."""
        partners = self.env["res.partner"].sudo()
        query = partners._search(self._get_audience_domain())
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT profile.lifecycle_stage, count(*) FROM (%s) audience (id)
                 LEFT JOIN crm_customer_profile profile
                        ON profile.partner_id = audience.id AND profile.company_id = %s
                     GROUP BY profile.lifecycle_stage
                    """,
                    query.select(),
                    (self.company_id or self.env.company).id,
                )
            )
        )

    # ------------------------------------------------------------
    # Overlap
    # ------------------------------------------------------------

    def action_check_overlap(self):
        """Tell which campaigns of the same time hit the same customers."""
        for campaign in self:
            campaign.sudo().overlap_note = campaign._get_overlap_note()

    def _get_overlap_note(self):
        lines = []
        partners = self.env["res.partner"].sudo()
        own = partners._search(self._get_audience_domain())
        size = partners.search_count(self._get_audience_domain())
        for other in self._search_simultaneous():
            domain = other._get_audience_domain()
            smaller = min(size, partners.search_count(domain))
            shared = partners.search_count(domain & Domain("id", "in", own))
            if smaller and shared >= OVERLAP_SHARE * smaller:
                lines.append(
                    self.env._(
                        "%(count)s customers are also in the audience of %(campaign)s.",
                        count=shared,
                        campaign=other.title,
                    )
                )
        return "\n".join(lines) or False

    def _search_simultaneous(self):
        """Return planned and running campaigns whose dates meet those of this one."""
        domain = Domain("id", "!=", self._origin.id) & Domain(
            "segment_ids", "!=", False
        )
        domain &= Domain("state", "in", ("plan", "running", "paused"))
        domain &= Domain("company_id", "in", [False, *self.company_id.ids])
        if self.date_start:
            domain &= Domain("date_end", "=", False) | Domain(
                "date_end", ">=", self.date_start
            )
        if self.date_end:
            domain &= Domain("date_start", "=", False) | Domain(
                "date_start", "<=", self.date_end
            )
        return self.sudo().search(domain)

    def action_draw_audience(self):
        result = super().action_draw_audience()
        self.action_check_overlap()
        return result

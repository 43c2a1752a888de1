from odoo import models
from odoo.tools import SQL

from ..engine import attribution


class CrmCampaignCredit(models.Model):
    """Credit by what would be missing: what the ways of all customers tell.

    The ways to an order and the ways that ended without one, in which a touch is
    followed by no order within the days of its campaign. Of a touch that is younger
    than that it is not known yet.
    """

    _inherit = "crm.campaign.credit"

    def _learn_removal_effects(self, campaigns):
        effects = super()._learn_removal_effects(campaigns)
        asking = campaigns.filtered(lambda each: each.attribution_model == "removal")
        if not asking:
            return effects
        ways = self.env.execute_query(self._ways_to_sql())
        if ways:
            effects |= attribution.removal_effects(*zip(*ways, strict=True))
        for campaign in asking:
            campaign.removal_effect = 100 * effects.get(campaign.id, 0)
        return effects

    def _ways_to_sql(self):
        """Return a query of the ways: campaigns in order, whether an order came, how
        many went this way. Nothing is learned from who objects to profiling.

        Touches that led to no order are found by grouping: joins with ``path``, of
        which the planner expects a few rows, would compare each touch with each.
        """
        profiled = self.env["crm.customer.profile"]._profiled_to_sql(
            SQL("touch.partner_id")
        )
        return SQL(
            """
            WITH path AS (%(paths)s),
            lost AS (
                SELECT partner_id, campaign_id, date, key
                  FROM (SELECT touch.partner_id, touch.campaign_id, touch.date,
                               touch.key, FALSE AS is_on_path
                          FROM (%(touches)s) touch
                          JOIN utm_campaign campaign
                            ON campaign.id = touch.campaign_id
                         WHERE touch.own_order_id IS NULL AND %(profiled)s
                           AND touch.date < now() AT TIME ZONE 'UTC'
                               - campaign.attribution_days * interval '1 day'
                         UNION ALL
                        SELECT partner_id, campaign_id, date, key, TRUE
                          FROM path WHERE own_order_id IS NULL) touch
                 GROUP BY partner_id, campaign_id, date, key
                HAVING NOT bool_or(is_on_path)
            ), way AS (
                SELECT array_agg(touch.campaign_id ORDER BY touch.position) AS steps,
                       TRUE AS is_bought
                  FROM path touch
                 WHERE %(profiled)s
                 GROUP BY touch.order_id
                 UNION ALL
                SELECT array_agg(campaign_id ORDER BY date, key), FALSE
                  FROM lost
                 GROUP BY partner_id
            )
            SELECT steps, is_bought, count(*) FROM way GROUP BY 1, 2
            """,
            paths=self._paths_to_sql(),
            touches=self._touches_to_sql(),
            profiled=profiled,
        )

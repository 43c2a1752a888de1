from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_lifecycle.experiments.control_group import (
    Group,
    mean_difference,
    rate_difference,
)
from odoo.addons.crm_lifecycle.models.utm_campaign import USER_GROUP

NOBODY = Group(0, 0, 0.0, 0.0)


class UtmCampaignEffect(models.Model):
    """What a campaign brought beyond what its control group did without it.

    All who were meant to get the campaign are compared, whether a message reached them
    or not: only so are both groups alike (intention to treat).
    """

    _inherit = "utm.campaign"

    contacted_size = fields.Integer(
        "Contacted", compute="_compute_effect", compute_sudo=True, groups=USER_GROUP
    )
    control_size = fields.Integer(
        "Size of the Control Group",
        compute="_compute_effect",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    contacted_rate = fields.Float(
        "Bought of the Contacted (%)",
        compute="_compute_effect",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    control_rate = fields.Float(
        "Bought of the Control Group (%)",
        compute="_compute_effect",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    uplift = fields.Float(
        "Uplift (points)",
        compute="_compute_effect",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Share of buyers of the contacted less that of the control group.",
    )
    uplift_low = fields.Float(
        compute="_compute_effect", compute_sudo=True, groups=USER_GROUP
    )
    uplift_high = fields.Float(
        compute="_compute_effect", compute_sudo=True, groups=USER_GROUP
    )
    incremental_buyers = fields.Float(
        compute="_compute_effect",
        compute_sudo=True,
        digits=(16, 1),
        groups=USER_GROUP,
        help="Customers who would not have bought without the campaign.",
    )
    incremental_revenue = fields.Monetary(
        compute="_compute_effect",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Untaxed, with an interval that holds it in 95 of 100 campaigns.",
    )
    incremental_revenue_low = fields.Monetary(
        compute="_compute_effect", compute_sudo=True, groups=USER_GROUP
    )
    incremental_revenue_high = fields.Monetary(
        compute="_compute_effect", compute_sudo=True, groups=USER_GROUP
    )
    effect_note = fields.Char(
        compute="_compute_effect", compute_sudo=True, groups=USER_GROUP
    )

    def _compute_effect(self):
        groups = self._read_effect_groups() if self.ids else {}
        for campaign in self:
            contacted = groups.get((campaign.id, False), NOBODY)
            control = groups.get((campaign.id, True), NOBODY)
            rate = rate_difference(contacted, control)
            revenue = mean_difference(contacted, control)
            campaign.contacted_size = contacted.customers
            campaign.control_size = control.customers
            campaign.contacted_rate = 100 * contacted.rate
            campaign.control_rate = 100 * control.rate
            campaign.uplift = 100 * rate.value if rate else 0
            campaign.uplift_low = 100 * rate.low if rate else 0
            campaign.uplift_high = 100 * rate.high if rate else 0
            campaign.incremental_buyers = (
                contacted.customers * rate.value if rate else 0
            )
            scale = contacted.customers
            campaign.incremental_revenue = scale * revenue.value if revenue else 0
            campaign.incremental_revenue_low = scale * revenue.low if revenue else 0
            campaign.incremental_revenue_high = scale * revenue.high if revenue else 0
            campaign.effect_note = campaign._get_effect_note(control, rate)

    def _get_effect_note(self, control, rate):
        if not control.customers or not rate:
            return self.env._(
                "Without a control group nobody knows what would have happened anyway."
            )
        if not rate.is_proven:
            return self.env._(
                "The difference may be chance: the groups are too small, or the "
                "campaign changed little."
            )
        if rate.value < 0:
            return self.env._("The contacted bought less than the control group.")
        return self.env._("The campaign made customers buy who would not have.")

    def _read_effect_groups(self):
        """Return buyers and revenue of the contacted and of the control group.

        Orders confirmed from the draw of the audience until the end of the campaign
        and the days of its attribution after it.

        :rtype: dict[tuple[int, bool], Group]
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT member.campaign_id, member.is_control, count(*),
                       count(bought.revenue), COALESCE(sum(bought.revenue), 0)::float,
                       COALESCE(sum(bought.revenue ^ 2), 0)::float
                  FROM crm_campaign_member member
                  JOIN utm_campaign campaign ON campaign.id = member.campaign_id
             LEFT JOIN LATERAL (
                    SELECT sum(so.amount_untaxed
                               / COALESCE(NULLIF(so.currency_rate, 0), 1)) AS revenue
                      FROM res_partner contact
                      JOIN sale_order so ON so.partner_id = contact.id
                     WHERE contact.commercial_partner_id = member.partner_id
                       AND so.state = 'sale' AND so.date_order >= member.date_drawn
                       AND (campaign.date_end IS NULL OR so.date_order
                            < campaign.date_end + 1 + campaign.attribution_days)
                       AND (campaign.company_id IS NULL
                            OR so.company_id = campaign.company_id)
                ) bought ON TRUE
                 WHERE member.campaign_id IN %s
                 GROUP BY member.campaign_id, member.is_control
                """,
                tuple(self.ids),
            )
        )
        return {
            (campaign_id, bool(is_control)): Group(*figures)
            for campaign_id, is_control, *figures in rows
        }

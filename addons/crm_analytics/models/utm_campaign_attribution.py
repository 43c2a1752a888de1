from odoo import api, fields, models

from odoo.addons.crm_lifecycle.models.utm_campaign import USER_GROUP


class UtmCampaignAttribution(models.Model):
    """Orders owed to a campaign by the touches on the way to them."""

    _inherit = "utm.campaign"

    attribution_model = fields.Selection(
        [
            ("first", "First touch"),
            ("last", "Last touch"),
            ("linear", "All touches alike"),
            ("position", "First and last most"),
            ("time_decay", "The later the more"),
            ("removal", "What would be missing"),
        ],
        "Attribution",
        required=True,
        default="last",
        help="How an order is shared among the touches before it. First and last most: "
        "40 % each, the others the rest. The later the more: half the weight for each "
        "week before the order. What would be missing: learned from the customers who "
        "bought and those who did not; the more orders would not have come without a "
        "campaign, the greater its share of each order on whose way it was.",
    )
    removal_effect = fields.Float(
        "Orders Missing Without It (%)",
        readonly=True,
        copy=False,
        digits=(16, 1),
        groups=USER_GROUP,
        help="Of all orders with touches of campaigns before them, how many would not "
        "have come had this campaign not been (Markov removal effect). Told when the "
        "attribution asks for it.",
    )
    attribution_days = fields.Integer(
        required=True, default=30, help="Days after a touch in which orders count."
    )
    credit_ids = fields.One2many(
        "crm.campaign.credit", "campaign_id", "Credits", groups=USER_GROUP
    )
    attributed_orders = fields.Float(
        compute="_compute_attributed",
        compute_sudo=True,
        digits=(16, 1),
        groups=USER_GROUP,
    )
    attributed_revenue = fields.Monetary(
        compute="_compute_attributed", compute_sudo=True, groups=USER_GROUP
    )
    attributed_margin = fields.Monetary(
        compute="_compute_attributed", compute_sudo=True, groups=USER_GROUP
    )

    _attribution_days_positive = models.Constraint(
        "CHECK(attribution_days > 0)", "Orders count for at least one day."
    )

    def _compute_attributed(self):
        rows = self.env["crm.campaign.credit"]._read_group(
            [("campaign_id", "in", self.ids)],
            ["campaign_id"],
            ["weight:sum", "revenue:sum", "margin:sum"],
        )
        sums = {campaign.id: figures for campaign, *figures in rows}
        for campaign in self:
            (
                campaign.attributed_orders,
                campaign.attributed_revenue,
                campaign.attributed_margin,
            ) = sums.get(campaign.id, (0, 0, 0))

    def write(self, vals):
        result = super().write(vals)
        if {"attribution_model", "attribution_days"} & vals.keys():
            self.env["crm.campaign.credit"].sudo()._refresh(self)
        return result

    def action_attribute(self):
        """Attribute the orders there are by now."""
        self.env["crm.campaign.credit"].check_access("read")
        self.env["crm.campaign.credit"].sudo()._refresh(self)

    def action_open_credits(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_analytics.crm_campaign_credit_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        return action

    @api.model
    def _get_figure_names(self):
        return [
            *super()._get_figure_names(),
            "attributed_orders",
            "attributed_revenue",
            "attributed_margin",
            "incremental_revenue",
        ]

    @api.model
    def _cron_attribute(self):
        """Every night: attribute the orders of campaigns to which some may still come.

        Cancelled and changed orders of older campaigns are attributed on demand.
        """
        today = fields.Date.context_today(self)
        campaigns = self.search([("state", "!=", "plan")]).filtered(
            lambda campaign: (
                not campaign.date_end
                or fields.Date.add(
                    campaign.date_end, days=campaign.attribution_days + 7
                )
                >= today
            )
        )
        self.env["crm.campaign.credit"]._refresh(campaigns)

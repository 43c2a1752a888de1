from odoo import api, fields, models
from odoo.tools import SQL


class LoyaltyTier(models.Model):
    """A level of membership in a loyalty program.

    It is reached by the qualifying points of a rolling window of months. The order of
    the tiers of a program is that of their thresholds.
    """

    _name = "loyalty.tier"
    _description = "Loyalty Tier"
    _order = "program_id, threshold, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    program_id = fields.Many2one(
        "loyalty.program",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("program_type", "=", "loyalty")],
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True)
    point_name = fields.Char(related="program_id.portal_point_name")
    threshold = fields.Float(
        "Qualifying Points",
        required=True,
        digits=0,
        help="Points to be earned within the window to reach this tier. Points that "
        "were spent count, points that were taken back don't.",
    )
    window_months = fields.Integer(
        "Window (months)",
        required=True,
        default=12,
        help="Points earned in so many past months count.",
    )
    grace_days = fields.Integer(
        "Grace (days)",
        default=30,
        help="So long is the tier kept when it is no longer earned.",
    )
    color = fields.Integer(default=4)
    pricelist_id = fields.Many2one(
        "product.pricelist",
        ondelete="restrict",
        help="Price list that the customer gets with this tier.",
    )
    benefits = fields.Text(
        translate=True, help="What the customer gets; shown to him on the portal."
    )
    member_count = fields.Integer("Members", compute="_compute_member_count")

    _threshold_uniq = models.UniqueIndex(
        "(program_id, threshold) WHERE active",
        "Two tiers of a program can't have the same threshold.",
    )
    _threshold_positive = models.Constraint(
        "CHECK(threshold >= 0)", "The threshold of a tier can't be negative."
    )
    _window_positive = models.Constraint(
        "CHECK(window_months > 0)", "The window must be one month at least."
    )
    _grace_positive = models.Constraint(
        "CHECK(grace_days >= 0)", "The days of grace can't be negative."
    )

    def _compute_member_count(self):
        counts = dict(
            self.env["loyalty.card"]._read_group(
                [("tier_id", "in", self.ids)], ["tier_id"], ["__count"]
            )
        )
        for tier in self:
            tier.member_count = counts.get(tier, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers._check_members_anew()
        return tiers

    def write(self, vals):
        result = super().write(vals)
        if {"threshold", "window_months", "active", "program_id"} & vals.keys():
            self._check_members_anew()
        return result

    def _check_members_anew(self):
        """Let the scheduled action check all members of the programs soon."""
        cards = self.env["loyalty.card"].sudo()
        cards.flush_model(["tier_check_date"])
        self.env.execute_query(
            SQL(
                "UPDATE loyalty_card SET tier_check_date = NULL "
                "WHERE program_id IN %s RETURNING id",
                tuple(self.program_id.ids) or (0,),
            )
        )
        cards.invalidate_model(["tier_check_date"], flush=False)
        cron = self.env.ref(
            "crm_loyalty.ir_cron_update_tiers", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_members(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_loyalty.loyalty_card_action_members"
        )
        action["domain"] = [("tier_id", "=", self.id)]
        return action

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _get_qualifying_points(self, cards):
        """Return the points of each card that count for each of these tiers.

        :rtype: dict[tuple[int, int], float]
        """
        if not self.ids or not cards.ids:
            return {}
        self.flush_recordset(["window_months", "program_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT card.id, tier.id, sum(entry.qualifying_points)
                  FROM loyalty_card card
                  JOIN loyalty_tier tier ON tier.program_id = card.program_id
                  JOIN loyalty_points_entry entry
                    ON entry.card_id = card.id AND entry.qualifying_points <> 0
                   AND entry.qualifying_date > (%(today)s::date
                       - make_interval(months => tier.window_months))
                 WHERE card.id IN %(cards)s AND tier.id IN %(tiers)s
                 GROUP BY card.id, tier.id
                """,
                today=fields.Date.context_today(self),
                cards=tuple(cards.ids),
                tiers=tuple(self.ids),
            )
        )
        return {(card_id, tier_id): float(points) for card_id, tier_id, points in rows}

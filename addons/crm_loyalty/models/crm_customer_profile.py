from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from odoo.addons.crm_lifecycle.profile_metrics.metric_source import MetricSource


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    loyalty_points = fields.Float(
        readonly=True, help="Balance of all loyalty cards of the customer."
    )
    loyalty_tier_id = fields.Many2one(
        "loyalty.tier",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The highest tier of the customer's loyalty cards.",
    )
    points_earned_12m = fields.Float(
        "Points Earned 12 Months",
        readonly=True,
        help="Awards of the last twelve months, less what was taken back of them.",
    )

    @api.model
    def _get_metric_sources(self, customers):
        return super()._get_metric_sources(customers) + [
            self._get_loyalty_card_source(customers),
            self._get_points_earned_source(customers),
        ]

    @api.model
    def _get_loyalty_card_source(self, customers):
        query = SQL(
            """
            SELECT customer.partner_id, customer.company_id, sum(card.points),
                   (array_agg(tier.id ORDER BY tier.threshold DESC NULLS LAST))[1]
              FROM loyalty_card card
              JOIN loyalty_program program
                ON program.id = card.program_id AND program.program_type = 'loyalty'
              JOIN res_partner holder ON holder.id = card.partner_id
              JOIN (%(customers)s) customer
                ON customer.partner_id = holder.commercial_partner_id
               AND customer.company_id = COALESCE(card.company_id, customer.company_id)
         LEFT JOIN loyalty_tier tier ON tier.id = card.tier_id
             WHERE card.active AND %(wanted)s
             GROUP BY customer.partner_id, customer.company_id
            """,
            customers=customers,
            wanted=customers.include_contact(SQL.identifier("card", "partner_id")),
        )
        columns = ("loyalty_points", "loyalty_tier_id")
        return MetricSource(
            "loyalty_cards", columns, query, self.env._("Loyalty cards")
        )

    @api.model
    def _get_points_earned_source(self, customers):
        query = SQL(
            """
            SELECT holder.commercial_partner_id, entry.company_id,
                   sum(entry.qualifying_points)
              FROM loyalty_points_entry entry
              JOIN res_partner holder ON holder.id = entry.partner_id
             WHERE entry.qualifying_points <> 0
               AND entry.qualifying_date > %(start)s AND %(wanted)s
             GROUP BY holder.commercial_partner_id, entry.company_id
            """,
            wanted=customers.include_contact(SQL.identifier("entry", "partner_id")),
            start=fields.Date.context_today(self) - relativedelta(months=12),
        )
        return MetricSource(
            "points_earned",
            ("points_earned_12m",),
            query,
            self.env._("Points ledger"),
        )

    # ------------------------------------------------------------
    # 360 view
    # ------------------------------------------------------------

    def _get_360_tiles(self):
        tiles = super()._get_360_tiles()
        cards = self._get_loyalty_cards()
        if cards:
            tiles.append(self._get_loyalty_tile(cards))
        return tiles

    def _get_360_actions(self):
        actions = super()._get_360_actions()
        cards = self._get_loyalty_cards()
        if cards and cards[0].has_access("write"):
            actions.append(
                {
                    "key": "points",
                    "label": self.env._("Grant points"),
                    "icon": "fa-gift",
                    "action": self._get_grant_action(cards[0]),
                }
            )
        return actions

    def _get_grant_action(self, card):
        """Return the dialog that asks how many points to give, and why."""
        action = card.action_loyalty_update_balance()
        return {
            **action,
            "name": self.env._("Grant Points"),
            "views": [(False, "form")],
            "context": {**action["context"], "default_is_grant": True},
        }

    def _get_360_next_actions(self):
        advice = super()._get_360_next_actions()
        card = self._get_loyalty_cards().sudo().filtered("tier_kept_until")[:1]
        if card:
            advice.append(
                {
                    "key": "tier",
                    "label": self.env._("Tell how to keep the tier"),
                    "reason": self._get_tier_detail(card),
                    "priority": 50,
                    "icon": "fa-gift",
                    "action": self._get_call_action(),
                }
            )
        return advice

    def _get_loyalty_cards(self):
        """Return the customer's loyalty cards that the user may read, best first."""
        cards = self.env["loyalty.card"]
        if not cards.has_access("read"):
            return cards
        cards = cards.search(
            [
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("program_type", "=", "loyalty"),
                ("company_id", "in", [self.company_id.id, False]),
            ]
        )
        return (
            cards.sudo()
            .sorted(lambda card: (card.tier_id.threshold, card.points), reverse=True)
            .with_env(self.env)
        )

    def _get_loyalty_tile(self, cards):
        cards = cards.sudo()
        best = cards[0]
        return self._prepare_tile(
            "loyalty",
            self.env._("Loyalty"),
            best._format_points(sum(cards.mapped("points"))),
            "fa-gift",
            60,
            detail=self._get_tier_detail(best),
            tone="warning" if best.tier_kept_until else "",
            action={
                **self._get_document_action("loyalty.card", []),
                "name": self.env._("Loyalty Cards"),
                "domain": [("id", "in", cards.ids)],
            },
        )

    @api.model
    def _get_tier_detail(self, card):
        """Say which tier a card has, and what is missing to keep or to pass it."""
        if card.tier_kept_until:
            return self.env._(
                "%(tier)s until %(day)s, %(points)s to keep it",
                tier=card.tier_id.name,
                day=format_date(self.env, card.tier_kept_until),
                points=card._format_points(card.points_to_keep_tier),
            )
        parts = [card.tier_id.name] if card.tier_id else []
        if card.next_tier_id:
            parts.append(
                self.env._(
                    "%(points)s to %(tier)s",
                    points=card._format_points(card.points_to_next_tier),
                    tier=card.next_tier_id.name,
                )
            )
        return ", ".join(parts)

    # ------------------------------------------------------------
    # Retention
    # ------------------------------------------------------------

    def action_plan_retention(self):
        """Plan a retention call for each of these customers who has none to come.

        Each call belongs to the customer's salesperson, else to who plans it.
        """
        activity_type = self.env.ref("crm_loyalty.mail_activity_type_retention")
        planned = self.env["mail.activity"]._read_group(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "in", self.partner_id.ids),
                ("activity_type_id", "=", activity_type.id),
            ],
            ["res_id"],
        )
        planned_ids = {partner_id for (partner_id,) in planned}
        due = self.filtered(lambda profile: profile.partner_id.id not in planned_ids)
        # One statement for all of them, and no e-mail for each.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [profile._prepare_retention_values(activity_type) for profile in due]
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if due else "info",
                "message": self.env._(
                    "%(planned)s retention calls planned, %(others)s were there.",
                    planned=len(due),
                    others=len(self) - len(due),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _prepare_retention_values(self, activity_type):
        stages = dict(self._fields["lifecycle_stage"]._description_selection(self.env))
        full = self.sudo() if self._sees_all_figures() else self._get_full()
        revenue = self._format_amount(full.revenue_12m) if full else "-"
        return {
            "res_model_id": self.env["ir.model"]._get_id("res.partner"),
            "res_id": self.partner_id.id,
            "activity_type_id": activity_type.id,
            "date_deadline": activity_type._get_date_deadline(),
            "user_id": (self.user_id or self.env.user).id,
            "summary": self.env._(
                "%(stage)s, last order: %(days)s",
                stage=stages.get(self.lifecycle_stage, ""),
                days=self._format_days(
                    full.last_order_date or self.visible_last_order_date
                ),
            ),
            "note": self.env._(
                "Revenue of the last twelve months: %(revenue)s. Loyalty: %(points)s "
                "points, %(tier)s.",
                revenue=revenue,
                points=f"{self.loyalty_points:.0f}",
                tier=self.loyalty_tier_id.name or self.env._("no tier"),
            ),
        }

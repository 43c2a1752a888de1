from odoo import api, fields, models
from odoo.tools import SQL

from ..ledger.tiering import Standing, Verdict, judge

# Cards per committed batch of the nightly check of tiers: about half a second each.
TIER_BATCH = 2_000


class LoyaltyCard(models.Model):
    """A card whose balance follows the points ledger.

    Whoever writes ``points`` makes an entry of the difference. The reason is given in
    the context as ``points_facts``: values of the entry, such as its order.
    """

    _inherit = "loyalty.card"

    entry_ids = fields.One2many("loyalty.points.entry", "card_id", "Points Entries")
    entry_count = fields.Integer(compute="_compute_entry_count")
    tier_id = fields.Many2one(
        "loyalty.tier", readonly=True, index="btree_not_null", ondelete="set null"
    )
    tier_date = fields.Date("Tier Since", readonly=True)
    tier_kept_until = fields.Date(
        readonly=True,
        help="The tier is no longer earned, but kept until this day.",
    )
    tier_check_date = fields.Date(readonly=True, index="btree_not_null")
    next_tier_id = fields.Many2one("loyalty.tier", compute="_compute_tier_progress")
    qualifying_points = fields.Float(
        compute="_compute_tier_progress",
        help="Points that count for the next tier (of the present one, if there is "
        "none above).",
    )
    points_to_next_tier = fields.Float(compute="_compute_tier_progress")
    points_to_keep_tier = fields.Float(compute="_compute_tier_progress")
    tier_progress = fields.Integer(
        "Progress", compute="_compute_tier_progress", help="Percent of the next tier."
    )

    def _compute_entry_count(self):
        counts = dict(
            self.env["loyalty.points.entry"]._read_group(
                [("card_id", "in", self.ids)], ["card_id"], ["__count"]
            )
        )
        for card in self:
            card.entry_count = counts.get(card, 0)

    @api.depends("tier_id", "points", "program_id.tier_ids")
    def _compute_tier_progress(self):
        tiers = self.program_id.tier_ids
        points_by_card = tiers._get_qualifying_points(self)
        for card in self:
            following = card._get_next_tier()
            measured = following or card.tier_id
            points = max(points_by_card.get((card.id, measured.id), 0), 0)
            missing = max(following.threshold - points, 0)
            kept = max(points_by_card.get((card.id, card.tier_id.id), 0), 0)
            card.next_tier_id = following
            card.qualifying_points = points
            card.points_to_next_tier = missing
            card.points_to_keep_tier = max(card.tier_id.threshold - kept, 0)
            card.tier_progress = (
                100 * (1 - missing / following.threshold) if missing else 100
            )

    def _get_next_tier(self):
        held = self.tier_id.threshold if self.tier_id else -1
        above = self.program_id.tier_ids.filtered(lambda tier: tier.threshold > held)
        return above.sorted("threshold")[:1]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        cards = super().create(vals_list)
        self.env["loyalty.points.entry"]._book(
            [
                card._prepare_points_facts(card.points, self.env._("Card issued"))
                for card in cards
                if card.points
            ],
            moved=True,
        )
        return cards

    def write(self, vals):
        if "points" not in vals:
            return super().write(vals)
        target = vals["points"] or 0
        # Access is checked before anything is booked.
        result = super().write(
            {name: value for name, value in vals.items() if name != "points"}
        )
        self.env["loyalty.points.entry"]._book(
            [
                card._prepare_points_facts(
                    target - card.points, self.env._("Balance changed")
                )
                for card in self
            ]
        )
        return result

    def unlink(self):
        self.env["loyalty.points.entry"]._book(
            [
                card._prepare_points_facts(-card.points, self.env._("Card deleted"))
                for card in self
            ]
        )
        return super().unlink()

    def _prepare_points_facts(self, points, description):
        """Return the booking of a balance that was written, with its known reason."""
        facts = {
            "card_id": self.id,
            "points": points,
            "kind": "adjustment",
            "description": description,
            **self.env.context.get("points_facts", {}),
        }
        if facts.get("order_id") and facts["kind"] == "adjustment":
            facts["kind"] = "spend" if points < 0 else "reversal"
        if facts["kind"] == "award" and points > 0:
            facts["qualifying_points"] = points
            facts["expiry_date"] = self.program_id._get_points_expiry(
                fields.Date.context_today(self)
            )
        return facts

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_entries(self):
        """Open the points ledger of these cards."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_loyalty.loyalty_points_entry_action"
        )
        action["domain"] = [("card_id", "in", self.ids)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _get_booking_company(self):
        """Return the company of a booking on a card that tells none."""
        self.ensure_one()
        return self.company_id or self.partner_id.company_id or self.env.company

    def _filter_points_reach_told(self):
        """Return the cards whose program tells their holder of points reached."""
        if self.env.context.get("loyalty_no_mail"):
            return self.browse()
        return self.filtered(
            lambda card: "points_reach"
            in card.program_id.communication_plan_ids.mapped("trigger")
        )

    def _send_creation_communication(self, force_send=False):
        """Only holders hear of it who may be written to."""
        tellable = self._filter_tellable(
            {
                card: card.program_id.communication_plan_ids.filtered(
                    lambda plan: plan.trigger == "create"
                )[:1]
                for card in self
            }
        )
        return super(LoyaltyCard, tellable)._send_creation_communication(
            force_send=force_send
        )

    def _send_points_reach_communication(self, points_changes):
        """Only holders hear of it who may be written to."""
        tellable = self._filter_tellable(
            {
                card: card._get_milestone(
                    points_changes[card]["old"], points_changes[card]["new"]
                )
                for card in self
            }
        )
        return super(LoyaltyCard, tellable)._send_points_reach_communication(
            points_changes
        )

    def _get_milestone(self, before, after):
        """Return the plan of the highest milestone reached, the one stock tells of."""
        reached = self.program_id.communication_plan_ids.filtered(
            lambda plan: plan.trigger == "points_reach"
            and before < plan.points <= after
        )
        return reached.sorted("points", reverse=True)[:1]

    def _filter_tellable(self, plan_by_card):
        """Return the cards of which nothing or something that may be told is to tell.

        :param dict plan_by_card: the ``loyalty.mail`` of each card, maybe empty
        """
        if self.env.context.get("loyalty_no_mail"):
            return self
        silent = self.browse()
        for plan, cards in self.grouped(plan_by_card.get).items():
            holders = cards.filtered("partner_id")
            if plan and holders:
                silent |= holders - plan._filter_tellable(holders)
        return self - silent

    def _get_next_expiry(self):
        """Return for each card the day on which points expire next, and how many.

        :rtype: dict[loyalty.card, tuple[date, float]]
        """
        awards_by_card = self.env["loyalty.points.entry"]._get_open_awards(self.ids)
        next_by_card = {}
        for card in self:
            awards = [
                award for award in awards_by_card.get(card.id, []) if award.expiry
            ]
            if awards:
                day = min(award.expiry for award in awards)
                points = sum(award.points for award in awards if award.expiry == day)
                next_by_card[card] = (day, float(points))
        return next_by_card

    # ------------------------------------------------------------
    # Tiers
    # ------------------------------------------------------------

    def _update_tiers(self):
        """Move the cards to the tiers that their qualifying points reach.

        :return: the changes of tier that were recorded
        :rtype: loyalty.tier.change
        """
        self = self.sudo()
        today = fields.Date.context_today(self)
        changes, grace = [], []
        for row in self._get_standings(today):
            standing = Standing(
                row["held"], row["earned"], row["grace_days"], row["tier_kept_until"]
            )
            verdict, kept_until = judge(standing, today)
            if verdict in (Verdict.REACH, Verdict.LOSE):
                changes.append(row | {"direction": verdict.value})
            if kept_until != row["tier_kept_until"]:
                grace.append((row["id"], kept_until))
        self._write_grace(grace)
        return self.env["loyalty.tier.change"]._record(changes)

    def _get_standings(self, today):
        """Return what each card with tiers has and has earned, in one query.

        :rtype: list[dict]
        """
        if not self:
            return []
        self.flush_recordset(["tier_id", "tier_kept_until", "program_id"])
        self.env["loyalty.tier"].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT card.id, card.tier_id AS from_tier_id, earned.id AS to_tier_id,
                       held.threshold AS held, earned.threshold AS earned,
                       earned.points AS qualifying_points, card.tier_kept_until,
                       COALESCE(held.grace_days, 0) AS grace_days
                  FROM loyalty_card card
             LEFT JOIN loyalty_tier held ON held.id = card.tier_id AND held.active
             LEFT JOIN LATERAL (
                    SELECT tier.id, tier.threshold,
                           COALESCE(sum(entry.qualifying_points), 0) AS points
                      FROM loyalty_tier tier
                 LEFT JOIN loyalty_points_entry entry
                        ON entry.card_id = card.id AND entry.qualifying_points <> 0
                       AND entry.qualifying_date > (%(today)s::date
                           - make_interval(months => tier.window_months))
                     WHERE tier.program_id = card.program_id AND tier.active
                     GROUP BY tier.id
                    HAVING COALESCE(sum(entry.qualifying_points), 0) >= tier.threshold
                     ORDER BY tier.threshold DESC LIMIT 1) earned ON true
                 WHERE card.id IN %(cards)s
                   AND (held.id IS NOT NULL OR earned.id IS NOT NULL
                        OR card.tier_id IS NOT NULL)
                """,
                today=today,
                cards=self._ids,
            )
        )

    def _write_grace(self, grace):
        """Write until when tiers are kept, in one statement."""
        if not grace:
            return
        card_ids, dates = zip(*grace, strict=True)
        self.env.execute_query(
            SQL(
                """
                UPDATE loyalty_card card SET tier_kept_until = kept.until
                  FROM unnest(%s::int[], %s::date[]) AS kept (card_id, until)
                 WHERE card.id = kept.card_id RETURNING card.id
                """,
                list(card_ids),
                list(dates),
            )
        )
        self.invalidate_model(["tier_kept_until"], flush=False)

    @api.model
    def _cron_update_tiers(self):
        """Check every member once a day, batch by batch: time alone loses a tier."""
        commit = self.env["ir.cron"]._commit_progress
        today = fields.Date.context_today(self)
        domain = [
            ("program_id.tier_ids", "!=", False),
            "|",
            ("tier_check_date", "=", False),
            ("tier_check_date", "<", today),
        ]
        commit(remaining=self.search_count(domain))
        while cards := self.search(domain, limit=TIER_BATCH, order="id"):
            cards._update_tiers()
            cards.with_context(tracking_disable=True).tier_check_date = today
            if not commit(len(cards)):
                break

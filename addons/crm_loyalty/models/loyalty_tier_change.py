from odoo import api, fields, models
from odoo.tools import SQL


class LoyaltyTierChange(models.Model):
    """A customer reached a tier, or lost one."""

    _name = "loyalty.tier.change"
    _inherit = ["loyalty.append.only.mixin"]
    _description = "Tier Changes"
    _order = "date DESC, id DESC"

    card_id = fields.Many2one(
        "loyalty.card", "Loyalty Card", index=True, ondelete="set null", readonly=True
    )
    program_id = fields.Many2one(
        "loyalty.program", required=True, index=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", index=True, ondelete="set null", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", readonly=True
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    from_tier_id = fields.Many2one(
        "loyalty.tier", "From", ondelete="restrict", readonly=True
    )
    to_tier_id = fields.Many2one(
        "loyalty.tier", "To", ondelete="restrict", readonly=True
    )
    direction = fields.Selection(
        [("reach", "Reached"), ("lose", "Lost")],
        "Change",
        required=True,
        readonly=True,
    )
    qualifying_points = fields.Float(
        digits=0, readonly=True, help="What counted for the new tier at that time."
    )

    @api.depends("from_tier_id", "to_tier_id", "direction")
    def _compute_display_name(self):
        for change in self:
            if change.direction == "reach":
                change.display_name = change.to_tier_id.name
            else:
                change.display_name = self.env._(
                    "%(lost)s, now %(tier)s",
                    lost=change.from_tier_id.name,
                    tier=change.to_tier_id.name or self.env._("no tier"),
                )

    @api.model
    def _record(self, rows):
        """Record changes of tier; the cards and their holders' price lists follow.

        :param list[dict] rows: ``id`` of the card, ``from_tier_id``, ``to_tier_id``,
            ``direction`` and ``qualifying_points``
        """
        cards = self.env["loyalty.card"].browse(row["id"] for row in rows)
        changes = self.create(
            [
                {
                    "card_id": card.id,
                    "program_id": card.program_id.id,
                    "partner_id": card.partner_id.id,
                    "company_id": card._get_booking_company().id,
                    "from_tier_id": row["from_tier_id"],
                    "to_tier_id": row["to_tier_id"],
                    "direction": row["direction"],
                    "qualifying_points": row["qualifying_points"] or 0,
                }
                for card, row in zip(cards, rows, strict=True)
            ]
        )
        changes._move_cards()
        changes._set_pricelists()
        capture = self.env["crm.customer.event.type"]._capture
        for direction, moved in changes.grouped("direction").items():
            code = "tier_reached" if direction == "reach" else "tier_lost"
            capture(code, moved.filtered("partner_id"))
        return changes

    def _move_cards(self):
        """Put the cards into their new tiers, in one statement."""
        if not self:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE loyalty_card card
                   SET tier_id = change.to_tier_id, tier_date = %(today)s,
                       tier_kept_until = NULL
                  FROM loyalty_tier_change change
                 WHERE change.id IN %(changes)s AND card.id = change.card_id
                RETURNING card.id
                """,
                today=fields.Date.context_today(self),
                changes=self._ids,
            )
        )
        names = ["tier_id", "tier_date", "tier_kept_until"]
        self.card_id.invalidate_recordset(names, flush=False)
        self.card_id.modified(["tier_id"])

    def _set_pricelists(self):
        """Give customers the price list of their new tier, or take the old one away.

        A price list that somebody else chose is replaced by that of a tier, but not
        taken away with it.
        """
        groups = self.grouped(
            lambda change: (
                change.company_id,
                change.from_tier_id.pricelist_id,
                change.to_tier_id.pricelist_id,
            )
        )
        for (company, old, new), changes in groups.items():
            customers = changes.partner_id.commercial_partner_id.with_company(company)
            if new:
                customers.specific_property_product_pricelist = new
            elif old:
                customers.filtered(
                    lambda partner, old=old: partner.specific_property_product_pricelist
                    == old
                ).specific_property_product_pricelist = False

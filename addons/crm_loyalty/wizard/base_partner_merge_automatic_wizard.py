from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A merged customer has one card per program, with the bookings of all."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _unite_customer_data(self, src_partners, dst_partner):
        """Of two open alerts of a warning the first one goes on."""
        result = super()._unite_customer_data(src_partners, dst_partner)
        self._keep_best_row(
            "crm_churn_alert",
            src_partners,
            dst_partner.commercial_partner_id,
            SQL("warning_id"),
            SQL("date_opened, id"),
            where=SQL("date_closed IS NULL"),
        )
        return result

    def _merge_loyalty_cards(self, src_partners, dst_partner):
        """Unite the cards of the same program, instead of adding up balances.

        Stock writes the sum on one card: the bookings would stay with the other, and
        points would lose the days on which they expire. Gift cards and coupons stay
        apart: each is a thing of its own.
        """
        cards = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(active_test=False)
            .search([("partner_id", "in", (src_partners | dst_partner).ids)])
        )
        for program, same in cards.grouped("program_id").items():
            if program.is_nominative and len(same) > 1:
                self._unite_cards(same)

    def _unite_cards(self, cards):
        """Let the bookings move to the card of the highest tier; none is changed."""
        kept = max(cards, key=lambda card: (card.tier_id.threshold or -1, -card.id))
        others = cards - kept
        self.env.flush_all()
        self._update_foreign_keys_generic("loyalty.card", others, kept)
        self._update_reference_fields_generic("loyalty.card", others, kept)
        self.env.execute_query(
            SQL(
                """
                UPDATE loyalty_card card
                   SET points = CASE WHEN id = %(kept)s THEN (
                           SELECT sum(points) FROM loyalty_card WHERE id IN %(cards)s)
                       ELSE 0 END
                 WHERE id IN %(cards)s RETURNING id
                """,
                kept=kept.id,
                cards=cards._ids,
            )
        )
        self.env.invalidate_all()
        others.unlink()
        kept._update_tiers()

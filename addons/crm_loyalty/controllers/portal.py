from odoo.http import request, route

from odoo.addons.loyalty.controllers.portal import CustomerPortalLoyalty

DIALOG_ENTRIES = 5
PAGE_ENTRIES = 20


class CustomerPortalMembership(CustomerPortalLoyalty):
    """The customer's own cards: balance, tier, way to the next tier, last bookings."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "loyalty_membership_count" in counters:
            values["loyalty_membership_count"] = len(self._get_membership_cards())
        return values

    def _get_membership_cards(self):
        """Return the loyalty cards of the user himself, and of nobody else."""
        return (
            request.env["loyalty.card"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", request.env.user.partner_id.id),
                    ("program_id.active", "=", True),
                    ("program_id.program_type", "=", "loyalty"),
                ]
            )
        )

    @route("/my/membership", type="http", auth="user", website=True)
    def portal_my_membership(self):
        cards = self._get_membership_cards()
        if not cards:
            return request.redirect("/my")
        entries = request.env["loyalty.points.entry"].sudo()
        values = {
            "page_name": "membership",
            "cards": cards,
            "entries_by_card": {
                card: entries.search([("card_id", "=", card.id)], limit=PAGE_ENTRIES)
                for card in cards
            },
            "expiring_by_card": cards._get_next_expiry(),
        }
        return request.render("crm_loyalty.portal_my_membership", values)

    @route()
    def portal_my_loyalty_card_history(self, card_id, page=1, sortby="date", **kw):
        if card_id in self._get_membership_cards().ids:
            return request.redirect("/my/membership")
        return super().portal_my_loyalty_card_history(card_id, page, sortby, **kw)

    @route()
    def portal_get_card_history_values(self, card_id):
        """Show the bookings instead of stock's log, which knows of no return."""
        values = super().portal_get_card_history_values(card_id)
        if values:
            entries = (
                request.env["loyalty.points.entry"]
                .sudo()
                .search([("card_id", "=", values["card"]["id"])], limit=DIALOG_ENTRIES)
            )
            values["history_lines"] = [entry._get_portal_values() for entry in entries]
        return values

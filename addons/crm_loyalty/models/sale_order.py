from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

from ..ledger.allocation import DIGITS, exact
from ..ledger.taking_back import points_to_take_back


class SaleOrder(models.Model):
    _inherit = "sale.order"

    points_booked = fields.Boolean(
        copy=False,
        readonly=True,
        export_string_translation=False,
        help="The points of the confirmed order are in the ledger. Orders from before "
        "the ledger are in the opening balances.",
    )

    def action_confirm(self):
        self._check_points_suffice()
        result = super().action_confirm()
        self._get_points_cards()._update_tiers()
        return result

    def _action_cancel(self):
        booked = self.filtered("points_booked")
        self.env["loyalty.points.entry"]._reverse(booked)
        cards = booked._get_points_cards()
        result = super()._action_cancel()
        booked.points_booked = False
        cards.exists()._update_tiers()
        return result

    # ------------------------------------------------------------
    # Programs for members of segments
    # ------------------------------------------------------------

    def _get_program_domain(self):
        domain = super()._get_program_domain()
        closed = self._get_closed_program_ids()
        return [*domain, ("id", "not in", closed)] if closed else domain

    def _get_trigger_domain(self):
        domain = super()._get_trigger_domain()
        closed = self._get_closed_program_ids()
        return [*domain, ("program_id", "not in", closed)] if closed else domain

    def _get_closed_program_ids(self):
        programs = self.env["loyalty.program"]
        return programs._get_closed_ids(self.partner_id, self.company_id)

    def _get_points_cards(self):
        return self.coupon_point_ids.coupon_id | self.order_line.coupon_id

    # ------------------------------------------------------------
    # Booking
    # ------------------------------------------------------------

    def _check_points_suffice(self):
        """Refuse an order that spends what others confirmed with it have spent.

        Each order for itself saw the whole balance when its reward was claimed.

        :raise ValidationError: says which order, and what is left for it
        """
        taken = defaultdict(float)
        previous = self.browse()
        for order in self.filtered(lambda order: order.state != "sale"):
            for card, change in order._get_point_changes().items():
                left = order._get_real_points_for_coupon(card) + taken[card]
                if float_compare(left, 0, precision_digits=DIGITS) < 0:
                    raise order._points_error(card, taken[card], previous)
                taken[card] += change
            previous |= order

    def _points_error(self, card, taken, previous):
        cost = sum(
            self.order_line.filtered(lambda line: line.coupon_id == card).mapped(
                "points_cost"
            )
        )
        message = self.env._(
            "Order %(order)s spends %(cost)s of %(customer)s, but the card has only "
            "%(left)s. Remove the reward from this order.",
            order=self.name,
            cost=card._format_points(cost),
            customer=card.partner_id.display_name or card.code,
            left=card._format_points(max(card.points + taken, 0)),
        )
        if taken and previous:
            message += "\n" + self.env._(
                "The points are spent by %(orders)s, to be confirmed along with it.",
                orders=previous.mapped("name"),
            )
        return ValidationError(message)

    def _get_real_points_for_coupon(self, coupon, post_confirm=False):
        points = super()._get_real_points_for_coupon(coupon, post_confirm)
        # A card in debt, after a return of what it was spent from, has nothing to
        # offer; but it must not stop an order that claims nothing from it.
        claims = self.order_line.filtered(lambda line: line.coupon_id == coupon)
        return points if claims.filtered("points_cost") else max(points, 0)

    def _add_loyalty_history_lines(self):
        result = super()._add_loyalty_history_lines()
        if self.state != "sale":
            self.env["loyalty.points.entry"]._book(self._prepare_points_facts())
            self.points_booked = True
        return result

    def _get_point_changes(self):
        """Leave out the orders whose points the ledger holds: the cards have moved."""
        unbooked = self.filtered(lambda order: not order.points_booked)
        return super(SaleOrder, unbooked)._get_point_changes()

    def _get_confirmation_round(self):
        """Tell apart the confirmations of an order that was cancelled between them."""
        self.ensure_one()
        cancelled = (
            self.env["loyalty.points.entry"]
            .sudo()
            .search(
                [("order_id", "=", self.id), ("key", "=like", "cancel:%")],
                order="id desc",
                limit=1,
            )
        )
        return cancelled.id or 0

    def _prepare_points_facts(self):
        """Return the bookings of a confirmation: what each card is given and spends."""
        self.ensure_one()
        awarded, spent = defaultdict(float), defaultdict(float)
        for line in self.coupon_point_ids:
            awarded[line.coupon_id] += line.points
        for line in self.order_line.filtered("reward_id"):
            if line.coupon_id:
                spent[line.coupon_id] += line.points_cost
        cards = self._get_points_cards()
        number = cards and self._get_confirmation_round()
        facts = []
        for card in cards:
            if card.program_id.applies_on == "current":
                # These points live and die with the order; unclaimed, so does the card.
                if card not in spent:
                    continue
                net = awarded[card] - spent[card]
                amounts = {"award": max(net, 0), "spend": min(net, 0)}
            else:
                amounts = {"award": awarded[card], "spend": -spent[card]}
            facts += self._prepare_card_facts(card, amounts, number)
        return facts

    def _prepare_card_facts(self, card, amounts, number):
        return [
            {
                "card_id": card.id,
                "kind": kind,
                "points": points,
                "qualifying_points": points if kind == "award" else 0,
                "expiry_date": kind == "award"
                and card.program_id._get_points_expiry(fields.Date.context_today(self)),
                "order_id": self.id,
                "company_id": self.company_id.id,
                "key": f"order:{self.id}:{number}:{kind}:{card.id}",
            }
            for kind, points in amounts.items()
        ]

    def _add_points_for_coupon(self, coupon_points):
        facts = {"order_id": self.id, "kind": "award", "company_id": self.company_id.id}
        return super()._add_points_for_coupon(
            {
                card.with_context(points_facts=facts): points
                for card, points in coupon_points.items()
            }
        )

    # ------------------------------------------------------------
    # Returns
    # ------------------------------------------------------------

    def _take_back_points(self, credit_notes):
        """Bring the points in line with what has been credited of these orders.

        Points go with the returned units or money, whichever their rule counts, and
        come back when a credit note is withdrawn.
        """
        ledger = self.env["loyalty.points.entry"].sudo()
        facts = []
        for row in ledger._get_outstanding(self.filtered("points_booked")):
            if row["kind"] == "award" and not row["cancelled"]:
                facts.append(self._prepare_taking_back(row, credit_notes))
        entries = ledger._book(facts)
        entries.card_id._update_tiers()

    def _prepare_taking_back(self, row, credit_notes):
        order = self.browse(row["order_id"]).sudo()
        card = self.env["loyalty.card"].sudo().browse(row["card_id"])
        awarded = exact(row["points"])
        target = points_to_take_back(awarded, order._get_rule_shares(card.program_id))
        points = -float(target + exact(row["reversed"]))
        credit_note = credit_notes.filtered(
            lambda move: order in move.line_ids.sale_line_ids.order_id
        )[:1]
        return {
            "card_id": card.id,
            "kind": "reversal",
            "points": points,
            "qualifying_points": points if row["qualifying_points"] else 0,
            "qualifying_date": row["qualifying_date"],
            "order_id": order.id,
            "credit_note_id": credit_note.id,
            "company_id": order.company_id.id,
            "reversed_id": row["id"],
            "award_id": row["id"] if points > 0 else False,
            "description": self.env._(
                "Return, %(document)s", document=credit_note.name
            ),
            "key": f"return:{row['id']}:{row['reversals']}",
        }

    def _get_rule_shares(self, program):
        """Return what each rule of a program counted in this order, and what of it
        came back.

        :rtype: list[RuleShare]
        """
        self.ensure_one()
        lines = self._get_not_rewarded_order_lines()
        products = program._get_valid_products(lines.product_id)
        shares = []
        for rule, rule_products in products.items():
            counted = lines.filtered(
                lambda line, rule_products=rule_products: line.product_id
                in rule_products
            )
            shares.append(counted._get_rule_share(rule))
        return shares

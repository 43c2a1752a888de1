from odoo import api, fields, models
from odoo.tools import SQL, float_is_zero

from ..ledger import allocation
from ..ledger.allocation import DIGITS, Award, exact

# Cards per committed batch of the nightly expiry: well under a second each.
EXPIRY_BATCH = 1_000

EVENT_BY_KIND = {
    "award": "points_awarded",
    "spend": "points_spent",
    "expiry": "points_expired",
    "reversal": "points_corrected",
    "adjustment": "points_corrected",
}


class LoyaltyPointsEntry(models.Model):
    """A booking of points on a card. The card's balance is the sum of its entries.

    An *award* is used up by the debits that draw on it, the first to expire first. A
    debit that draws on several awards makes an entry on each; what it takes beyond
    them all is a debt, an entry that draws on none. *Qualifying* points count for
    tiers, at the date of the award, and are taken back with it.
    """

    _name = "loyalty.points.entry"
    _inherit = ["loyalty.append.only.mixin"]
    _description = "Points Entries"
    _order = "date DESC, id DESC"

    card_id = fields.Many2one(
        "loyalty.card", "Loyalty Card", index=True, ondelete="set null", readonly=True
    )
    card_code = fields.Char(
        required=True, readonly=True, help="Stays when the card itself is deleted."
    )
    program_id = fields.Many2one(
        "loyalty.program", index=True, ondelete="restrict", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", index=True, ondelete="set null", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", readonly=True
    )
    date = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now, index=True
    )
    kind = fields.Selection(
        [
            ("award", "Award"),
            ("spend", "Spend"),
            ("expiry", "Expiry"),
            ("reversal", "Reversal"),
            ("adjustment", "Adjustment"),
        ],
        required=True,
        readonly=True,
        default="adjustment",
    )
    # Numeric without a scale: the sum must equal the card's balance to the last digit.
    points = fields.Float(digits=0, required=True, readonly=True)
    qualifying_points = fields.Float(
        digits=0, readonly=True, help="Points that count for reaching a tier."
    )
    qualifying_date = fields.Date(
        readonly=True, help="Day from which they count: that of the award."
    )
    expiry_date = fields.Date(
        "Valid Until", readonly=True, help="Last day on which the points can be spent."
    )
    award_id = fields.Many2one(
        "loyalty.points.entry",
        "Draws On",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="The award whose points these are. Empty on awards themselves, and on "
        "what was taken beyond all awards.",
    )
    reversed_id = fields.Many2one(
        "loyalty.points.entry",
        "Reverses",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    order_id = fields.Many2one(
        "sale.order",
        "Sales Order",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    credit_note_id = fields.Many2one(
        "account.move", index="btree_not_null", ondelete="set null", readonly=True
    )
    rule_id = fields.Many2one(
        "loyalty.earning.rule",
        "Earning Rule",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    res_model = fields.Char("Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", readonly=True
    )
    description = fields.Char(readonly=True)
    key = fields.Char(
        "Booking Key",
        readonly=True,
        help="Names the fact that was booked, so that it can't be booked twice.",
    )

    _key_uniq = models.Constraint("UNIQUE(key)", "These points are booked already.")
    _points_nonzero = models.Constraint(
        "CHECK(points <> 0)", "A booking is of some points."
    )
    _qualifying_idx = models.Index(
        "(card_id, qualifying_date) WHERE qualifying_points <> 0"
    )
    _expiry_idx = models.Index("(expiry_date) WHERE expiry_date IS NOT NULL")

    @api.depends("points", "kind", "order_id", "description")
    def _compute_display_name(self):
        for entry in self:
            # Who sees the booking sees its order's number, if not the order.
            reason = entry.description or entry.sudo().order_id.name or entry.card_code
            points = f"{entry.points:+.2f}".rstrip("0").rstrip(".")
            entry.display_name = f"{points} ({reason})"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries._capture_events()
        entries._move_cards()
        return entries

    def _create_moved(self, vals_list):
        """Make entries of points that stand on their cards already."""
        entries = super().create(vals_list)
        entries._capture_events()
        return entries

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_document(self):
        """Open what the points were booked for, with its own access rights."""
        self.ensure_one()
        document = self.credit_note_id or self.order_id
        if not document and self.res_model in self.env:
            document = self.env[self.res_model].browse(self.res_id).exists()
        if not document:
            document = self.card_id
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "views": [(False, "form")],
        }

    def _get_portal_reason(self):
        """Return what the points were booked for, in the customer's words."""
        self.ensure_one()
        kind = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        reason = self.description or self.order_id.name
        return f"{kind}: {reason}" if reason else kind

    def _format_points(self):
        """Return the points with sign and name, as on the card."""
        self.ensure_one()
        sign = "+" if self.points > 0 else ""
        return sign + self.card_id._format_points(self.points)

    def _get_portal_values(self):
        """Return what the dialog of the card on the portal shows of this booking."""
        self.ensure_one()
        return {
            "order_id": self.order_id.id,
            "order_portal_url": self.order_id and self.order_id.get_portal_url(),
            "description": self._get_portal_reason(),
            "points": self._format_points(),
        }

    # ------------------------------------------------------------
    # Booking
    # ------------------------------------------------------------

    @api.model
    def _book(self, facts, moved=False):
        """Book points and let the cards follow.

        Debits are split over the awards they draw on. What has been booked before,
        by its key, is left out, so that booking twice is harmless.

        :param list[dict] facts: for each booking ``card_id``, ``points`` (signed) and
            ``kind``, and what else is known: ``date``, ``expiry_date``,
            ``qualifying_points``, ``qualifying_date``, ``order_id``, ``reversed_id``,
            ``key``, ``description`` ...
        :param bool moved: the points stand on the cards already
        :return: the new entries
        """
        self = self.sudo()
        entries = self.browse()
        facts = [
            fact
            for fact in facts
            if not float_is_zero(fact["points"], precision_digits=DIGITS)
        ]
        if not facts:
            return entries
        self._lock_cards({fact["card_id"] for fact in facts})
        vals_list = self._complete(self._drop_known(facts))
        insert = self._create_moved if moved else self.create
        credits = [vals for vals in vals_list if vals["points"] > 0]
        debits = [vals for vals in vals_list if vals["points"] < 0]
        if credits:
            # First: what an order earns may pay for what it spends.
            entries |= insert(credits)
        if debits:
            entries |= insert(self._split_debits(debits))
        return entries

    @api.model
    def _lock_cards(self, card_ids):
        """Make others who book on these cards wait, in the same order everywhere.

        Who waited has read an old balance: PostgreSQL refuses his booking and the
        server runs his request again.
        """
        self.env.execute_query(
            SQL(
                "SELECT id FROM loyalty_card WHERE id IN %s ORDER BY id FOR UPDATE",
                tuple(card_ids),
            )
        )

    @api.model
    def _drop_known(self, facts):
        """Leave out the facts that have been booked, and repetitions among them."""
        keys = [fact["key"] for fact in facts if fact.get("key")]
        known = set()
        if keys:
            known = set(self.search([("key", "in", keys)]).mapped("key"))
        new = []
        for fact in facts:
            key = fact.get("key")
            if key and key in known:
                continue
            known.add(key)
            new.append(fact)
        return new

    @api.model
    def _complete(self, facts):
        """Return creation values: each fact with what its card tells."""
        cards = self.env["loyalty.card"].browse(fact["card_id"] for fact in facts)
        now = fields.Datetime.now()
        vals_list = []
        for fact, card in zip(facts, cards, strict=True):
            vals = {"date": now, **fact}
            vals["points"] = float(exact(fact["points"]))
            if vals.get("qualifying_points"):
                vals.setdefault("qualifying_date", fields.Date.to_date(vals["date"]))
            if not vals.get("company_id"):
                vals["company_id"] = card._get_booking_company().id
            vals |= {
                "card_code": card.code,
                "program_id": card.program_id.id,
                "partner_id": card.partner_id.id,
            }
            vals_list.append(vals)
        return vals_list

    @api.model
    def _split_debits(self, debits):
        """Return a creation value for each award that a debit draws on."""
        awards_by_card = self._get_open_awards([vals["card_id"] for vals in debits])
        split = []
        for vals in debits:
            awards = awards_by_card.get(vals["card_id"], [])
            points = exact(-vals["points"])
            draws = allocation.draw(awards, points, first=vals.get("reversed_id"))
            awards_by_card[vals["card_id"]] = allocation.subtract(awards, draws)
            for number, draw in enumerate(draws):
                split.append(self._prepare_draw(vals, draw, points, number))
        return split

    @api.model
    def _prepare_draw(self, vals, draw, points, number):
        share = float(draw.points / points)
        key = vals.get("key")
        return {
            **vals,
            "points": -float(draw.points),
            "qualifying_points": vals.get("qualifying_points", 0) * share,
            "award_id": draw.key,
            "key": f"{key}/{number}" if key and number else key,
        }

    @api.model
    def _get_open_awards(self, card_ids):
        """Return what debits can draw on, by card: its awards less its debt.

        :rtype: dict[int, list[Award]]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT award.card_id, award.id, award.expiry_date,
                       award.points + COALESCE(sum(drawn.points), 0)
                  FROM loyalty_points_entry award
             LEFT JOIN loyalty_points_entry drawn ON drawn.award_id = award.id
                 WHERE award.card_id IN %(cards)s AND award.award_id IS NULL
                 GROUP BY award.id
                """,
                cards=tuple(card_ids) or (0,),
            )
        )
        awards_by_card, debt_by_card = {}, {}
        for card_id, entry_id, expiry, left in rows:
            points = exact(left)
            if points > 0:
                award = Award(entry_id, expiry, points)
                awards_by_card.setdefault(card_id, []).append(award)
            elif points < 0:
                debt_by_card[card_id] = debt_by_card.get(card_id, 0) - points
        return {
            card_id: allocation.pay_debt(awards, debt_by_card.get(card_id, exact(0)))
            for card_id, awards in awards_by_card.items()
        }

    def _move_cards(self):
        """Let the balances of the cards follow, in one statement."""
        change_by_card = {}
        for entry in self:
            change = change_by_card.get(entry.card_id, exact(0))
            change_by_card[entry.card_id] = change + exact(entry.points)
        cards = self.env["loyalty.card"].union(*change_by_card)
        cards.flush_recordset(["points"])
        told = cards._filter_points_reach_told()
        before = {card: card.points for card in told}
        self.env.execute_query(
            SQL(
                """
                UPDATE loyalty_card card
                   SET points = round((COALESCE(card.points, 0) + change.points)
                                      ::numeric, %(digits)s),
                       write_uid = %(user)s, write_date = %(now)s
                  FROM unnest(%(cards)s::int[], %(changes)s::numeric[])
                    AS change (card_id, points)
                 WHERE card.id = change.card_id
                RETURNING card.id
                """,
                digits=DIGITS,
                user=self.env.uid,
                now=self.env.cr.now(),
                cards=[card.id for card in change_by_card],
                changes=list(change_by_card.values()),
            )
        )
        cards.invalidate_recordset(["points"], flush=False)
        cards.modified(["points"])
        told._send_points_reach_communication(
            {card: {"old": before[card], "new": card.points} for card in told}
        )

    def _capture_events(self):
        """Make customer events of the bookings; their conditions choose which."""
        capture = self.env["crm.customer.event.type"]._capture
        known = self.filtered("partner_id")
        by_event = known.grouped(lambda entry: EVENT_BY_KIND[entry.kind])
        for code, entries in by_event.items():
            capture(code, entries)

    # ------------------------------------------------------------
    # Reversal
    # ------------------------------------------------------------

    @api.model
    def _get_outstanding(self, orders):
        """Return the bookings for ``orders`` as they stand after their reversals.

        :return: rows with ``id``, ``card_id``, ``order_id``, ``kind``, ``award_id``,
            ``points`` and ``qualifying_points`` as booked, ``reversed`` and
            ``qualifying_reversed`` so far, the number of ``reversals``, whether it was
            ``cancelled``, and ``qualifying_date``; those on deleted cards left out
        :rtype: list[dict]
        """
        if not orders:
            return []
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT entry.id, entry.card_id, entry.order_id, entry.kind,
                       entry.award_id, entry.points, entry.qualifying_points,
                       entry.qualifying_date, count(reversal.id) AS reversals,
                       COALESCE(bool_or(reversal.key LIKE 'cancel:%%'), false)
                           AS cancelled,
                       COALESCE(sum(reversal.points), 0) AS reversed,
                       COALESCE(sum(reversal.qualifying_points), 0)
                           AS qualifying_reversed
                  FROM loyalty_points_entry entry
             LEFT JOIN loyalty_points_entry reversal
                    ON reversal.reversed_id = entry.id
                 WHERE entry.order_id IN %s AND entry.reversed_id IS NULL
                   AND entry.card_id IS NOT NULL
                 GROUP BY entry.id ORDER BY entry.id
                """,
                orders._ids,
            )
        )

    @api.model
    def _reverse(self, orders):
        """Take back all that was booked for ``orders``, each by an entry of its own."""
        facts = []
        for row in self._get_outstanding(orders):
            qualifying = (row["qualifying_points"] or 0) + row["qualifying_reversed"]
            facts.append(
                {
                    "card_id": row["card_id"],
                    "kind": "reversal",
                    "points": -(row["points"] + row["reversed"]),
                    "qualifying_points": -qualifying,
                    "qualifying_date": row["qualifying_date"],
                    "order_id": row["order_id"],
                    "reversed_id": row["id"],
                    "award_id": row["award_id"],
                    "key": f"cancel:{row['id']}",
                    "description": self.env._("Order cancelled"),
                }
            )
        return self._book(facts)

    # ------------------------------------------------------------
    # Expiry
    # ------------------------------------------------------------

    @api.model
    def _cron_expire(self):
        """Book the expiry of points whose last day has passed, batch by batch."""
        commit = self.env["ir.cron"]._commit_progress
        today = fields.Date.context_today(self)
        commit(remaining=len(self._get_expired(today)))
        while expired := self._get_expired(today, limit=EXPIRY_BATCH):
            entries = self._book(
                [
                    {"card_id": card_id, "kind": "expiry", "points": -points}
                    for card_id, points in expired
                ]
            )
            if not commit(len(expired)) or not entries:
                break

    @api.model
    def _get_expired(self, today, limit=None):
        """Return cards and the points on them that have expired.

        A debt takes the points that expire first, so that they can't expire as well.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT expired.card_id, sum(expired.points) - COALESCE((
                           SELECT -sum(debt.points) FROM loyalty_points_entry debt
                            WHERE debt.card_id = expired.card_id
                              AND debt.award_id IS NULL AND debt.points < 0), 0)
                           AS points
                  FROM (
                    SELECT award.card_id,
                           award.points + COALESCE(sum(drawn.points), 0) AS points
                      FROM loyalty_points_entry award
                 LEFT JOIN loyalty_points_entry drawn ON drawn.award_id = award.id
                     WHERE award.expiry_date < %(today)s AND award.points > 0
                       AND award.award_id IS NULL AND award.card_id IS NOT NULL
                     GROUP BY award.id) expired
                 WHERE expired.points > 0
                 GROUP BY expired.card_id
                HAVING sum(expired.points) > COALESCE((
                           SELECT -sum(debt.points) FROM loyalty_points_entry debt
                            WHERE debt.card_id = expired.card_id
                              AND debt.award_id IS NULL AND debt.points < 0), 0)
                 ORDER BY expired.card_id LIMIT %(limit)s
                """,
                today=today,
                limit=limit,
            )
        )

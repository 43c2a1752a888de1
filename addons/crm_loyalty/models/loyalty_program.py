from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    crm_segment_ids = fields.Many2many(
        "crm.segment",
        "loyalty_program_crm_segment_rel",
        "program_id",
        "segment_id",
        "Segments",
        help="Only orders of members of these segments get points, discounts and "
        "coupons of this program. Empty: orders of all customers.",
    )
    tier_ids = fields.One2many("loyalty.tier", "program_id", "Tiers")
    points_validity_months = fields.Integer(
        "Points Valid For (months)",
        help="Points expire so many months after they were earned, the oldest are "
        "spent first. Zero: they never expire.",
    )

    _points_validity_positive = models.Constraint(
        "CHECK(points_validity_months >= 0)",
        "The months for which points are valid can't be negative.",
    )

    def _compute_order_count(self):
        # Who manages programs counts their orders without seeing them.
        return super(LoyaltyProgram, self.sudo())._compute_order_count()

    def _get_points_expiry(self, day):
        """Return the last day of points earned on ``day``; False if there is none."""
        self.ensure_one()
        if not self.points_validity_months:
            return False
        return day + relativedelta(months=self.points_validity_months)

    def _create_cards(self, partners):
        """Make a card of this program for each partner, without a mail about it."""
        return (
            self.env["loyalty.card"]
            .sudo()
            .with_context(loyalty_no_mail=True, tracking_disable=True)
            .create(
                [
                    {"program_id": self.id, "partner_id": partner.id}
                    for partner in partners
                ]
            )
        )

    def _ensure_cards(self, customers):
        """Return the oldest card of each customer or his contacts, made if missing.

        :rtype: dict[res.partner, loyalty.card]
        """
        cards = (
            self.env["loyalty.card"]
            .sudo()
            .search(
                [
                    ("program_id", "=", self.id),
                    ("partner_id.commercial_partner_id", "in", customers.ids),
                ],
                order="id DESC",
            )
        )
        card_by_customer = {
            card.partner_id.commercial_partner_id: card for card in cards
        }
        missing = customers.filtered(lambda customer: customer not in card_by_customer)
        new = self._create_cards(missing)
        return card_by_customer | dict(zip(missing, new, strict=True))

    def _give_points(self, points, company, facts):
        """Award points on the cards of customers who get one if they have none.

        :param list facts: a pair per award: the customer, and values of the entry such
            as its ``key``, by which it is booked once
        :return: the card of each award
        :rtype: list[loyalty.card]
        """
        self.ensure_one()
        customers = self.env["res.partner"].union(*(customer for customer, _ in facts))
        card_by_customer = self._ensure_cards(customers)
        cards = [card_by_customer[customer] for customer, _values in facts]
        today = fields.Date.context_today(self)
        self.env["loyalty.points.entry"]._book(
            [
                {
                    "card_id": card.id,
                    "kind": "award",
                    "points": points,
                    "expiry_date": self._get_points_expiry(today),
                    "company_id": company.id,
                    **values,
                }
                for card, (_customer, values) in zip(cards, facts, strict=True)
            ]
        )
        return cards

    def _give_coupons(self, partners, company, valid_days):
        """Make a coupon for each of the partners, who may be named more than once.

        :param int valid_days: zero for ever
        """
        today = fields.Date.context_today(self)
        expiry = fields.Date.add(today, days=valid_days) if valid_days else False
        return (
            self.env["loyalty.card"]
            .with_company(company)
            .create(
                [
                    {
                        "program_id": self.id,
                        "partner_id": partner.id,
                        "points": 1,
                        "expiration_date": expiry,
                    }
                    for partner in partners
                ]
            )
        )

    # ------------------------------------------------------------
    # Segments
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._forget_restricted(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._forget_restricted(vals)
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _forget_restricted(self, *vals_list):
        if any("crm_segment_ids" in vals for vals in vals_list):
            self.env.registry.clear_cache()

    @api.model
    @tools.ormcache()
    def _get_restricted_ids(self):
        """Return the ids of the programs that are for members of segments only.

        Kept in memory: where there are none, an order asks nothing.
        """
        programs = self.sudo().with_context(active_test=False)
        return tuple(programs.search([("crm_segment_ids", "!=", False)])._ids)

    @api.model
    def _get_closed_ids(self, partner, company):
        """Return the ids of the programs that are not for this customer."""
        restricted = self.sudo().browse(self._get_restricted_ids())
        if not restricted:
            return []
        segments = self.env["crm.segment"]._get_current(partner, company)
        return restricted.filtered(lambda p: not p.crm_segment_ids & segments).ids

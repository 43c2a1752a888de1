from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_churn_alert_offer import PURPOSE, SENDER

OFFERED_TYPES = ("loyalty", "coupons", "next_order_coupons")


class CrmChurnWarningOffer(models.Model):
    """What a warning offers, and what it may cost."""

    _inherit = "crm.churn.warning"

    offer_program_id = fields.Many2one(
        "loyalty.program",
        "Offer Of",
        domain="[('program_type', 'in', ('loyalty', 'coupons', 'next_order_coupons')), "
        "('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
        help="A coupon of this program, or points on the customer's card.",
    )
    offer_program_type = fields.Selection(related="offer_program_id.program_type")
    offer_points = fields.Float("Points", default=50)
    offer_days = fields.Integer("Valid for (days)", default=30, help="Zero: for ever.")
    offer_room_share = fields.Float(
        "Discount Room (%)",
        default=20,
        digits=(16, 1),
        help="An offer may cost at most this share of the customer's money at stake.",
    )
    offer_template_id = fields.Many2one(
        "mail.template",
        "E-Mail",
        domain="[('model', '=', 'loyalty.card')]",
        default=lambda self: self.env.ref(
            "loyalty.mail_template_loyalty_card", raise_if_not_found=False
        ),
        ondelete="set null",
        help="Brings the offer to the customer.",
    )

    _offer_room_range = models.Constraint(
        "CHECK(offer_room_share >= 0 AND offer_room_share <= 100)",
        "The discount room is from 0 to 100 % of the money at stake.",
    )
    _offer_positive = models.Constraint(
        "CHECK(offer_points > 0 AND offer_days >= 0)",
        "Offer more than zero points; days can't be negative.",
    )

    @api.constrains("action", "offer_program_id", "offer_template_id")
    def _check_offer(self):
        for warning in self:
            program = warning.offer_program_id
            if program and program.program_type not in OFFERED_TYPES:
                raise ValidationError(
                    self.env._("Choose a loyalty program or coupons to offer.")
                )
            if warning.action == "offer" and not (
                program and warning.offer_template_id
            ):
                raise ValidationError(
                    self.env._("Choose what is offered, and the e-mail that brings it.")
                )

    def _get_offer_cost(self, basket):
        """Return the most that the offer costs, in company currency.

        :param float basket: the customer's average, from which a percentage is taken
        """
        self.ensure_one()
        program = self.offer_program_id
        points = self.offer_points if program.program_type == "loyalty" else 1
        costs = [
            reward._get_churn_cost(basket, points) for reward in program.reward_ids
        ]
        company = self.company_id
        currency = program.currency_id or company.currency_id
        today = fields.Date.context_today(self)
        return currency._convert(
            max(costs, default=0), company.currency_id, company, today
        )

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    def _ask_for_offer(self, partners):
        """Ask consent and contact policies; who is held for a time is listed."""
        policies = self.env["crm.contact.policy"].with_company(self.company_id)
        return policies._ask(partners, PURPOSE, "email", SENDER, self)

    def _release_contact_holds(self, partners):
        """The moment has come for customers whose offer waited."""
        self.ensure_one()
        alerts = self.env["crm.churn.alert"].sudo()
        waiting = alerts.search(
            [
                ("warning_id", "=", self.id),
                ("partner_id", "in", partners.ids),
                ("offer_state", "=", "waiting"),
                ("state", "in", ("open", "acted_on")),
            ]
        )
        obstacles = waiting._get_offer_obstacles()
        waiting.filtered(lambda alert: alert.id not in obstacles)._send_offers()

    def _give_offer(self, alerts):
        """Give each customer the coupon or the points.

        :return: a card for each alert, in their order
        :rtype: list[loyalty.card]
        """
        # Its own mail brings it, after the policies were asked.
        program = self.offer_program_id.sudo().with_context(
            loyalty_no_mail=True, tracking_disable=True
        )
        if program.program_type != "loyalty":
            customers = [alert.partner_id for alert in alerts]
            return list(
                program._give_coupons(customers, self.company_id, self.offer_days)
            )
        facts = [
            (
                alert.partner_id,
                {
                    "res_model": alert._name,
                    "res_id": alert.id,
                    "description": self.name,
                    "key": f"churn:{alert.id}",
                },
            )
            for alert in alerts
        ]
        return program.with_company(self.company_id)._give_points(
            self.offer_points, self.company_id, facts
        )

    def _mail_offer(self, cards):
        author = self.company_id.partner_id
        values = {}
        if not self.offer_template_id.email_from:
            values = {
                "author_id": author.id,
                "email_from": author.email_formatted or self.env.user.email_formatted,
            }
        self.offer_template_id.sudo().send_mail_batch(
            [card.id for card in cards],
            email_values=values,
            email_layout_xmlid="mail.mail_notification_light",
        )

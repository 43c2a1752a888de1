from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_lifecycle.models.crm_contact_hold import LASTING_REASONS

SENDER = "churn_offer"
PURPOSE = "loyalty"


class CrmChurnAlertOffer(models.Model):
    """An offer to a customer who is leaving: points or a coupon, sent by e-mail.

    Never more than the customer's discount room, and only to who may be written to.
    """

    _inherit = "crm.churn.alert"

    offer_state = fields.Selection(
        [("waiting", "Waits for its moment"), ("made", "Sent")],
        "Offer",
        readonly=True,
        tracking=True,
    )
    offer_cost = fields.Monetary(
        "Cost of the Offer",
        readonly=True,
        help="At most: what the reward takes off his average basket.",
    )
    offer_room = fields.Monetary(
        "Discount Room",
        compute="_compute_offer_room",
        help="The most that an offer to this customer may cost.",
    )
    has_offer = fields.Boolean(
        compute="_compute_offer_room", help="The warning says what may be offered."
    )
    offer_date = fields.Datetime("Offered on", readonly=True)
    offer_card_id = fields.Many2one(
        "loyalty.card",
        "Coupon or Card",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )

    def _compute_offer_room(self):
        for alert in self:
            warning = alert.sudo().warning_id
            alert.offer_room = alert.margin_at_stake * warning.offer_room_share / 100
            alert.has_offer = warning.offer_program_id and warning.offer_template_id

    # ------------------------------------------------------------
    # By the run
    # ------------------------------------------------------------

    def _offer_or_plan(self):
        """Offer what fits and may be sent; owners get an activity for the others."""
        obstacles = self._get_offer_obstacles()
        for warning, alerts in self.grouped("warning_id").items():
            fitting = alerts.filtered(lambda alert: alert.id not in obstacles)
            answer = warning._ask_for_offer(fitting.partner_id)
            for alert in fitting:
                reason = answer.held.get(alert.partner_id.id)
                if reason in LASTING_REASONS:
                    obstacles[alert.id] = self._get_hold_label(reason)
            offered = fitting.filtered(
                lambda alert, answer=answer: alert.partner_id in answer.allowed
            )
            offered._send_offers()
            waiting = fitting - offered
            waiting.filtered(
                lambda alert: alert.id not in obstacles
            ).offer_state = "waiting"
        for note in set(obstacles.values()):
            self.filtered(
                lambda alert, note=note: obstacles.get(alert.id) == note
            )._plan_activities(note=note)

    def _plan_stuck_offers(self):
        """Who could not be written to in time is called instead."""
        sender = self.env["crm.contact.policy"]._get_sender(SENDER)
        limit = fields.Datetime.subtract(self.env.cr.now(), days=sender.wait_days)
        stuck = self.search(
            [
                ("offer_state", "=", "waiting"),
                ("state", "=", "open"),
                ("date_opened", "<", limit),
            ]
        )
        stuck._plan_activities(note=self.env._("The offer could not be sent in time."))
        stuck.offer_state = False

    # ------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------

    def _make_offer(self):
        """Send the offer now.

        :raise UserError: it does not fit, or he may not be written to
        """
        self.ensure_one()
        for obstacle in self._get_offer_obstacles().values():
            raise UserError(obstacle)
        answer = self.warning_id._ask_for_offer(self.partner_id)
        reason = answer.held.get(self.partner_id.id)
        if reason in LASTING_REASONS:
            raise UserError(self._get_hold_label(reason))
        if reason:
            self.offer_state = "waiting"
        else:
            self._send_offers()

    def _get_hold_label(self, reason):
        return self.env._(
            "No offer by e-mail: %s",
            self.env["crm.contact.policy"]._get_reason_label(reason),
        )

    # ------------------------------------------------------------
    # Discount room
    # ------------------------------------------------------------

    def _get_offer_obstacles(self):
        """Return why no offer can be made, in words, by the id of the alert.

        Who is not in it can be made one, if consent and contact policies allow it.
        """
        costs = self._get_offer_costs()
        obstacles = {alert.id: alert._get_offer_obstacle(costs) for alert in self}
        return {alert_id: text for alert_id, text in obstacles.items() if text}

    def _get_offer_obstacle(self, costs):
        warning, customer = self.warning_id, self.partner_id
        if not warning.offer_program_id or not warning.offer_template_id:
            return self.env._(
                "The warning %s offers nothing yet: a manager chooses there of which "
                "program, and the e-mail that brings it.",
                warning.name,
            )
        if self.offer_state == "made":
            return self.env._("The offer was made already.")
        if not customer.email:
            return self.env._("There is no e-mail address: call instead.")
        if self.currency_id.compare_amounts(costs[self.id], self.offer_room) > 0:
            return self.env._(
                "The offer may cost %(cost)s, the discount room of this customer is "
                "%(room)s.",
                cost=self.currency_id.format(costs[self.id]),
                room=self.currency_id.format(self.offer_room),
            )
        return ""

    def _get_offer_costs(self):
        """Return what the offer costs at most, by the id of the alert."""
        profiles = self.env["crm.customer.profile"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        baskets = {
            (profile.partner_id, profile.company_id): profile.average_basket
            for profile in profiles
        }
        return {
            alert.id: alert.warning_id._get_offer_cost(
                baskets.get((alert.partner_id, alert.company_id), 0)
            )
            for alert in self
        }

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    def _send_offers(self):
        """Give the cards and send them: the customers have been asked about."""
        costs = self._get_offer_costs()
        # A call that somebody has planned stays.
        self.filtered(lambda alert: alert.state == "open")._end_activities()
        for warning, alerts in self.grouped("warning_id").items():
            cards = warning._give_offer(alerts)
            for alert, card in zip(alerts, cards, strict=True):
                alert.write(
                    {
                        "state": "acted_on",
                        "action_note": warning.offer_program_id.name,
                        "offer_state": "made",
                        "offer_cost": costs[alert.id],
                        "offer_date": self.env.cr.now(),
                        "offer_card_id": card.id,
                    }
                )
            warning._mail_offer(cards)
        self.env["crm.customer.event.type"]._capture("churn_offer_made", self)

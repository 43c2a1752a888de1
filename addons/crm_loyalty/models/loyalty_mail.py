from odoo import models

# Cards that were bought: their mails are part of the contract.
BOUGHT_PROGRAMS = ("gift_card", "ewallet")


class LoyaltyMail(models.Model):
    """The mails of loyalty programs ask the contact policies before they go."""

    _inherit = "loyalty.mail"

    def _filter_tellable(self, cards):
        """Return those of ``cards`` whose holder may be written to now.

        Who is held is listed, and gets the mail when the moment has come.
        """
        self.ensure_one()
        if self.program_id.program_type in BOUGHT_PROGRAMS:
            return cards
        answer = self.env["crm.contact.policy"]._ask(
            cards.partner_id, "loyalty", "email", "loyalty", self
        )
        return cards.filtered(lambda card: card.partner_id in answer.allowed)

    def _release_contact_holds(self, partners):
        """Tell the contacts who were held, if there is still something to tell."""
        self.ensure_one()
        domain = [
            ("program_id", "=", self.program_id.id),
            ("partner_id", "in", partners.ids),
        ]
        if self.trigger == "points_reach":
            domain.append(("points", ">=", self.points))
        cards = self.env["loyalty.card"].search(domain, order="id desc")
        for partner in partners:
            card = cards.filtered(
                lambda card, holder=partner: card.partner_id == holder
            )
            if card:
                self.mail_template_id.send_mail(
                    card[0].id, email_layout_xmlid="mail.mail_notification_light"
                )

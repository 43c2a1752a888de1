from odoo import models


class LoyaltyCardUpdateBalance(models.TransientModel):
    _inherit = "loyalty.card.update.balance"

    def action_update_card_point(self):
        facts = {"description": self.description}
        return super(
            LoyaltyCardUpdateBalance, self.with_context(points_facts=facts)
        ).action_update_card_point()

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class LoyaltyCardUpdateBalance(models.TransientModel):
    """Opened from the 360 view it asks how many points to give, not for a balance."""

    _inherit = "loyalty.card.update.balance"

    is_grant = fields.Boolean()
    granted_points = fields.Float("Points to Grant")

    @api.onchange("granted_points")
    def _onchange_granted_points(self):
        if self.is_grant:
            self.new_balance = self.old_balance + self.granted_points

    def action_update_card_point(self):
        if self.is_grant:
            self._set_granted_balance()
        facts = {"description": self.description}
        return super(
            LoyaltyCardUpdateBalance, self.with_context(points_facts=facts)
        ).action_update_card_point()

    def _set_granted_balance(self):
        """Count from the balance of now: orders may have come in the meantime."""
        if self.granted_points <= 0:
            raise ValidationError(
                self.env._("How many points? Enter a number above zero.")
            )
        self.new_balance = self.old_balance + self.granted_points

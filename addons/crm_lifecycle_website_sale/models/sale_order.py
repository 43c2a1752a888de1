from odoo import models


class SaleOrder(models.Model):
    """Reminders of carts are promotion: who said no to it, or pauses, gets none."""

    _inherit = "sale.order"

    def _filter_can_send_abandoned_cart_mail(self):
        carts = super()._filter_can_send_abandoned_cart_mail()
        answer = self.env["crm.contact.policy"]._ask(carts.partner_id, "marketing")
        # Who never decided is reminded as before: the cart is his own doing.
        held = {
            partner_id
            for partner_id, reason in answer.held.items()
            if reason != "no_consent"
        }
        return carts.filtered(lambda cart: cart.partner_id.id not in held)

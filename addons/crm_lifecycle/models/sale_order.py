from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "sent":
            self.env["crm.customer.event.type"]._capture("quotation_sent", self)
        return result

    def action_confirm(self):
        result = super().action_confirm()
        self.env["crm.customer.event.type"]._capture("order_confirmed", self)
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self.env["crm.customer.event.type"]._capture("order_cancelled", self)
        return result

    def action_open_customer_360(self):
        """Open the 360 view of the customer."""
        return self.partner_id.action_open_customer_360()

from odoo import models


class StockPicking(models.Model):
    """Transfers to and from customers are customer events the moment they are done."""

    _inherit = "stock.picking"

    def _action_done(self):
        result = super()._action_done()
        event_type = self.env["crm.customer.event.type"]
        by_kind = self.grouped("picking_type_code")
        event_type._capture("delivery_done", by_kind.get("outgoing", self.browse()))
        event_type._capture("delivery_returned", by_kind.get("incoming", self.browse()))
        return result

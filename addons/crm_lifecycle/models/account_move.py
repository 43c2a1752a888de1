from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        event_type = self.env["crm.customer.event.type"]
        if posted.filtered(lambda move: move.is_sale_document()):
            event_type._capture("invoice_posted", posted)
            event_type._capture("credit_note_posted", posted)
        return posted

    def action_open_customer_360(self):
        """Open the 360 view of the customer."""
        return self.partner_id.action_open_customer_360()

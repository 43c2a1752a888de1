from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._take_back_points()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._take_back_points()
        return result

    def _take_back_points(self):
        """Let the points of orders follow the credit notes on them."""
        # Who posts a credit note need not see sales orders.
        credit_notes = self.sudo().filtered(lambda move: move.move_type == "out_refund")
        if credit_notes:
            orders = credit_notes.line_ids.sale_line_ids.order_id
            orders._take_back_points(credit_notes)

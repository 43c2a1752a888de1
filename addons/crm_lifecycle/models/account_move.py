from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    crm_paid_date = fields.Date(
        "Paid On",
        compute="_compute_crm_paid_date",
        store=True,
        help="The day of the last payment of an invoice that is paid.",
    )

    @api.depends("payment_state")
    def _compute_crm_paid_date(self):
        for move in self:
            paid = move.move_type == "out_invoice" and move.payment_state in (
                "paid",
                "in_payment",
            )
            dates = paid and move.sudo().line_ids.matched_credit_ids.mapped("max_date")
            move.crm_paid_date = max(dates, default=False) if dates else False

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

from odoo import SUPERUSER_ID, api, fields, models


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
        bills = posted.filtered(lambda move: move.is_purchase_document())
        bills.filtered("campaign_id")._book_campaign_costs()
        return posted

    def _book_campaign_costs(self):
        """Enter what vendor bills charge for a campaign as its actual costs.

        Who posts a bill need not know of campaigns, and is not kept from it by a
        budget: when it is exceeded, the campaign's managers are asked.
        """
        for move in self.with_user(SUPERUSER_ID):
            campaign = move.campaign_id
            if campaign.company_id and campaign.company_id != move.company_id:
                continue
            lines = move.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            )
            costs = self.env["crm.campaign.cost"].with_user(SUPERUSER_ID)
            costs.with_company(move.company_id)._book_lines(campaign, lines)
            campaign.action_ask_approval()

    def action_open_customer_360(self):
        """Open the 360 view of the customer."""
        return self.partner_id.action_open_customer_360()

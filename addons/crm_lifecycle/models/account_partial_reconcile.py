from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        self.env["crm.customer.event.type"]._capture("payment_received", payments)
        return payments

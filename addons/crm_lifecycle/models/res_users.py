from odoo import fields, models


class ResUsers(models.Model):
    """A customer's visit to the portal is a customer event, one a day."""

    _inherit = "res.users"

    portal_login_date = fields.Date("Last Day on the Portal", readonly=True, copy=False)

    def _update_last_login(self):
        result = super()._update_last_login()
        user = self.env.user
        today = fields.Date.context_today(self)
        if user.share and user.sudo().portal_login_date != today:
            user.sudo().portal_login_date = today
            self.env["crm.customer.event.type"]._capture("portal_login", user)
        return result

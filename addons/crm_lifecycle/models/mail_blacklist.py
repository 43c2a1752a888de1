from odoo import api, models


class MailBlacklist(models.Model):
    """Whoever is put on the blacklist has said no to every message he may refuse.

    The way back is not symmetric: taken off the blacklist, a contact is only not
    blocked any more. A yes has to come from himself, on the preference page.
    """

    _inherit = "mail.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries.filtered("active")._withdraw_consents()
        return entries

    def write(self, vals):
        lifted = self.filtered(lambda entry: not entry.active)
        result = super().write(vals)
        if vals.get("active"):
            lifted._withdraw_consents()
        return result

    def _withdraw_consents(self):
        if not self:
            return
        self.env["crm.consent"]._withdraw_addresses(
            "email",
            self.mapped("email"),
            self.env._("E-mail blacklist"),
            self.env._("Unsubscribed from all mailings, or put on the blacklist."),
        )

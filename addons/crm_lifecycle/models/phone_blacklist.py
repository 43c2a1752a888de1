from odoo import api, models


class PhoneBlacklist(models.Model):
    """A blocked number is a no to every text message and call one may refuse."""

    _inherit = "phone.blacklist"

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
            "sms",
            self.mapped("number"),
            self.env._("Phone blacklist"),
            self.env._("Put on the blacklist of phone numbers."),
        )

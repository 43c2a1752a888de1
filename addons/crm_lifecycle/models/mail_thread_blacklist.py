from odoo import api, models


class MailThreadBlacklist(models.AbstractModel):
    """An address of an erased person that comes back is not written to.

    Contacts, leads and contacts of mailing lists share this mixin. The person may
    lift the block himself, on the preference page.
    """

    _inherit = "mail.thread.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._block_suppressed()
        return records

    def write(self, vals):
        result = super().write(vals)
        if vals.get(self._primary_email):
            self._block_suppressed()
        return result

    def _block_suppressed(self):
        emails = self.sudo().mapped("email_normalized")
        if any(emails):
            self.env["crm.privacy.suppression"]._block_again(emails)

from odoo import fields, models
from odoo.exceptions import UserError


class CrmPrivacyRequestErase(models.TransientModel):
    """The last question before a person is erased."""

    _name = "crm.privacy.request.erase"
    _description = "Erase a Person"

    request_id = fields.Many2one(
        "crm.privacy.request", required=True, ondelete="cascade"
    )
    preview = fields.Html(related="request_id.preview")
    is_confirmed = fields.Boolean("I have read this. It can't be undone.")

    def action_erase(self):
        self.ensure_one()
        if not self.is_confirmed:
            raise UserError(
                self.env._("Tick the box: what is erased can't be brought back.")
            )
        self.request_id._erase()
        return {"type": "ir.actions.act_window_close"}

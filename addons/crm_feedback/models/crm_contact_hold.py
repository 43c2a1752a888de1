from odoo import fields, models


class CrmContactHold(models.Model):
    _inherit = "crm.contact.hold"

    reason = fields.Selection(
        selection_add=[("complaint", "Open complaint")],
        ondelete={"complaint": "cascade"},
    )

from odoo import fields, models


class CrmCustomerProfileRefresh(models.Model):
    """A customer whose profile is out of date; may be there several times.

    Writers only insert, so that no two of them ever wait for one another; the refresh
    takes the rows away.
    """

    _name = "crm.customer.profile.refresh"
    _description = "Customer Profile to Refresh"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")

from odoo import api, fields, models


class CrmCampaignCall(models.Model):
    """A customer on the call list of a campaign."""

    _name = "crm.campaign.call"
    _description = "Campaign Call"
    _order = "id"
    _rec_name = "partner_id"

    campaign_id = fields.Many2one(
        "utm.campaign", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", index=True
    )
    phone = fields.Char(related="partner_id.phone")
    user_id = fields.Many2one("res.users", "Caller", ondelete="set null")
    activity_id = fields.Many2one(
        "mail.activity", ondelete="set null", index="btree_not_null"
    )
    state = fields.Selection(
        [("open", "To Do"), ("done", "Done")], compute="_compute_state"
    )

    _partner_uniq = models.Constraint(
        "UNIQUE(campaign_id, partner_id)", "A customer is called once per campaign."
    )

    @api.depends("activity_id.active")
    def _compute_state(self):
        """Stock archives or deletes the activity that is done."""
        for call in self:
            activity = call.sudo().activity_id
            call.state = "open" if activity.active and activity else "done"

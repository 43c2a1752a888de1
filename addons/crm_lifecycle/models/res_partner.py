from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    crm_profile_id = fields.Many2one(
        "crm.customer.profile",
        "Customer Profile",
        compute="_compute_crm_profile_id",
        groups="crm_lifecycle.crm_lifecycle_group_user",
        help="Of the commercial entity, in the current company.",
    )
    crm_segment_member_ids = fields.One2many(
        "crm.segment.member",
        "partner_id",
        "Segments",
        domain=[("date_left", "=", False)],
        groups="crm_lifecycle.crm_lifecycle_group_user",
    )
    crm_consent_ids = fields.One2many(
        "crm.consent",
        "partner_id",
        "Consents",
        groups="crm_lifecycle.crm_lifecycle_group_user",
    )

    def _compute_crm_profile_id(self):
        profiles = self.env["crm.customer.profile"].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        profile_by_partner = {profile.partner_id: profile for profile in profiles}
        for partner in self:
            partner.crm_profile_id = profile_by_partner.get(
                partner.commercial_partner_id
            )

    def action_open_customer_360(self):
        """Open the 360 view of the customer, whose profile is made if it has none."""
        self.ensure_one()
        if not self.crm_profile_id:
            self.env["crm.customer.profile"]._refresh(self)
            self.invalidate_recordset(["crm_profile_id"])
        return self.crm_profile_id.action_open_360()

from odoo import api, fields, models


class ResPartnerSegment(models.Model):
    _inherit = "res.partner"

    crm_segment_ids = fields.Many2many(
        "crm.segment",
        string="In Segments",
        compute="_compute_crm_segment_ids",
        search="_search_crm_segment_ids",
        groups="crm_lifecycle.crm_lifecycle_group_user,"
        "mass_mailing.group_mass_mailing_user",
        help="Of which the commercial entity is a member now.",
    )

    def _compute_crm_segment_ids(self):
        stays = (
            self.env["crm.segment.member"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "in", self.env.companies.ids),
                    ("date_left", "=", False),
                ]
            )
        )
        stays_by_partner = stays.grouped("partner_id")
        for partner in self:
            partner.crm_segment_ids = stays_by_partner.get(
                partner.commercial_partner_id, stays.browse()
            ).segment_id

    @api.model
    def _search_crm_segment_ids(self, operator, value):
        """Find members: what a mailing's favourite filter of a segment asks."""
        if operator != "in" or not all(isinstance(v, int) and v for v in value):
            return NotImplemented
        return self.env["crm.segment"].browse(value)._get_partner_domain()

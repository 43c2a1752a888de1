from odoo import api, fields, models


class CrmSegmentMember(models.Model):
    """A customer's stay in a segment, from entering to leaving."""

    _name = "crm.segment.member"
    _description = "Segment Member"
    _order = "date_entered DESC, id DESC"
    _log_access = False
    _rec_name = "partner_id"

    segment_id = fields.Many2one(
        "crm.segment", required=True, ondelete="cascade", index=True
    )
    segment_kind = fields.Selection(related="segment_id.kind")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    date_entered = fields.Datetime(
        "Entered", required=True, default=lambda self: self.env.cr.now()
    )
    date_left = fields.Datetime("Left")

    _current_uniq = models.UniqueIndex(
        "(segment_id, partner_id, company_id) WHERE date_left IS NULL",
        "This customer is a member already.",
    )
    _entered_idx = models.Index("(segment_id, date_entered)")
    _left_idx = models.Index("(segment_id, date_left) WHERE date_left IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            partner = self.env["res.partner"].browse(vals.get("partner_id"))
            vals["partner_id"] = partner.commercial_partner_id.id
        members = super().create(vals_list)
        members.segment_id.sudo()._forget_fingerprint()
        self.env["crm.customer.event.type"]._capture("segment_entered", members)
        return members

    def action_leave(self):
        """End the stay; the history of it is kept."""
        staying = self.filtered(lambda member: not member.date_left)
        staying.write({"date_left": self.env.cr.now()})
        staying.segment_id.sudo()._forget_fingerprint()
        self.env["crm.customer.event.type"]._capture("segment_left", staying)

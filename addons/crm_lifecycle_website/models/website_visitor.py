from uuid import uuid4

from odoo import api, fields, models
from odoo.fields import Domain

# Purposes that must be allowed before page views are joined with a customer.
PURPOSES = ("website_reading", "profiling")


class WebsiteVisitor(models.Model):
    """Visitors who log in are joined with what they read before only if they agreed."""

    _inherit = "website.visitor"

    crm_is_joined = fields.Boolean(
        "Joined with the Customer",
        compute="_compute_crm_is_joined",
        search="_search_crm_is_joined",
        help="The visitor has agreed that we look at the pages that he reads.",
    )

    @api.depends("partner_id")
    def _compute_crm_is_joined(self):
        joined = self.filtered_domain(self._get_joined_domain())
        for visitor in self:
            visitor.crm_is_joined = visitor in joined

    @api.model
    def _search_crm_is_joined(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_joined_domain() if True in value else Domain.FALSE

    @api.model
    def _get_joined_domain(self):
        return Domain("partner_id", "any!", self._get_allowed_partners())

    @api.model
    def _get_allowed_partners(self):
        """Return the domain of the contacts whose page views may be joined."""
        consents = self.env["crm.consent"]
        return Domain.AND(
            [consents._get_allowed_domain(purpose, "use") for purpose in PURPOSES]
        )

    @api.model
    def _may_join(self, partner):
        domain = Domain("id", "=", partner.id) & self._get_allowed_partners()
        partners = partner.sudo().with_context(active_test=False)
        return bool(partners.search_count(domain, limit=1))

    def write(self, vals):
        token = str(vals.get("access_token", ""))
        becomes_known = token.isdigit() and len(token) != 32
        if not becomes_known:
            return super().write(vals)
        # Stock turns the anonymous visitor of a first login into that of the user.
        partner = self.env["res.partner"].browse(int(token))
        unknown = self.filtered(lambda visitor: not visitor.partner_id)
        unknown._part_from_readings(partner)
        result = super().write(vals)
        unknown._capture_readings()
        return result

    def _merge_visitor(self, target):
        self._part_from_readings(target.partner_id)
        result = super()._merge_visitor(target)
        target._capture_readings()
        return result

    def _part_from_readings(self, partner):
        """Leave what was read with somebody unknown unless ``partner`` agreed."""
        if self._may_join(partner):
            return
        for visitor in self.sudo().filtered("website_track_ids"):
            stranger = visitor.copy({"access_token": uuid4().hex})
            visitor.website_track_ids.visitor_id = stranger

    def _capture_readings(self):
        tracks = self.sudo().website_track_ids
        self.env["crm.customer.event.type"]._capture("page_visited", tracks)

from odoo import api, fields, models

FILTER_FIELDS = {"name", "active"}


class CrmSegmentFilter(models.Model):
    """A segment as a filter, for what works with groups of customers.

    Stock's mailings take a favourite filter: each segment keeps one in step.
    """

    _inherit = "crm.segment"

    mailing_filter_id = fields.Many2one(
        "mailing.filter",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The favourite filter by which mailings to contacts find the members.",
    )

    # ------------------------------------------------------------
    # Who is a member
    # ------------------------------------------------------------

    @api.model
    def _get_current(self, partner, company):
        """Return the segments of which the partner's customer is a member now."""
        stays = (
            self.env["crm.segment.member"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", partner.commercial_partner_id.id),
                    ("company_id", "=", company.id),
                    ("date_left", "=", False),
                ]
            )
        )
        return stays.segment_id

    def _filter_partners(self, partners):
        """Return those partners whose customer is a member of any of these now."""
        stays = (
            self.env["crm.segment.member"]
            .sudo()
            .search(
                [
                    ("segment_id", "in", self.ids),
                    ("partner_id", "in", partners.commercial_partner_id.ids),
                    ("date_left", "=", False),
                ]
            )
        )
        inside = set(stays.partner_id.ids)
        return partners.filtered(lambda p: p.commercial_partner_id.id in inside)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        segments._update_mailing_filter()
        return segments

    def write(self, vals):
        result = super().write(vals)
        if FILTER_FIELDS & vals.keys():
            self._update_mailing_filter()
        return result

    def unlink(self):
        filters = self.sudo().mailing_filter_id
        result = super().unlink()
        filters.unlink()
        return result

    def _update_mailing_filter(self):
        """Keep the filter in step: its name, and none for an archived segment."""
        segments = self.sudo()
        segments.filtered(lambda s: not s.active).mailing_filter_id.unlink()
        for segment in segments.filtered("mailing_filter_id"):
            segment.mailing_filter_id.name = segment.name
        missing = segments.filtered(lambda s: s.active and not s.mailing_filter_id)
        filters = (
            self.env["mailing.filter"]
            .sudo()
            .create([segment._prepare_mailing_filter() for segment in missing])
        )
        for segment, mailing_filter in zip(missing, filters, strict=True):
            segment.mailing_filter_id = mailing_filter

    def _prepare_mailing_filter(self):
        return {
            "name": self.name,
            "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            "mailing_domain": str([("crm_segment_ids", "in", self.ids)]),
        }

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        """Make the filter of segments that have none, such as from before it was."""
        self.search([("mailing_filter_id", "=", False)])._update_mailing_filter()
        return super()._cron_refresh()

from odoo import api, fields, models
from odoo.tools import SQL


class ProductPricelist(models.Model):
    """A price list may be that of a segment's customers.

    One set on the customer himself goes before it; that of the country comes after.
    """

    _inherit = "product.pricelist"

    crm_segment_ids = fields.Many2many(
        "crm.segment",
        "product_pricelist_crm_segment_rel",
        "pricelist_id",
        "segment_id",
        "Segments",
        help="Members of these segments get this price list, unless another one is set "
        "on the customer. Of several price lists the first one counts.",
    )

    def _get_partner_pricelist_multi_search_domain_hook(self, company_id):
        """A price list for segments is nobody's by country, nor by default."""
        domain = super()._get_partner_pricelist_multi_search_domain_hook(company_id)
        return [*domain, ("crm_segment_ids", "=", False)]

    @api.model
    def _get_partner_pricelist_multi(self, partner_ids):
        result = super()._get_partner_pricelist_multi(partner_ids)
        for partner_id, pricelist in self._get_segment_pricelists(partner_ids).items():
            result[partner_id] = pricelist
        return result

    def _get_segment_pricelists(self, partner_ids):
        """Return the price lists of members of segments, in the current company.

        Two queries, whatever the number of partners, and one where no price list has
        a segment.

        :return: ``{partner id: price list}``, without those who have one of their own
        """
        if not self.env["res.groups"]._is_feature_enabled(
            "product.group_product_pricelist"
        ):
            return {}
        pricelists = self.sudo().search(
            [
                ("company_id", "in", [self.env.company.id, False]),
                ("crm_segment_ids", "!=", False),
            ]
        )
        pricelists = pricelists._get_partner_pricelist_multi_filter_hook()
        if not pricelists or not partner_ids:
            return {}
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        without_own = partners.browse(partner_ids).filtered(
            lambda partner: not self._get_own_pricelist(partner)
        )
        return self._get_first_pricelists(without_own, pricelists)

    def _get_own_pricelist(self, partner):
        own = partner.specific_property_product_pricelist
        return own._get_partner_pricelist_multi_filter_hook()

    def _get_first_pricelists(self, partners, pricelists):
        customers = partners.commercial_partner_id
        if not customers:
            return {}
        self.env["crm.segment.member"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT member.partner_id, array_agg(DISTINCT member.segment_id)
                  FROM crm_segment_member member
                  JOIN crm_segment segment ON segment.id = member.segment_id
                 WHERE member.date_left IS NULL AND segment.active
                   AND member.company_id = %s AND member.partner_id IN %s
                   AND member.segment_id IN %s
                 GROUP BY member.partner_id
                """,
                self.env.company.id,
                customers._ids,
                pricelists.crm_segment_ids._ids,
            )
        )
        by_customer = {
            partner_id: next(
                p for p in pricelists if set(p.crm_segment_ids._ids) & set(segment_ids)
            )
            for partner_id, segment_ids in rows
        }
        return {
            partner.id: by_customer[customer.id].with_env(self.env)
            for partner in partners
            if (customer := partner.commercial_partner_id).id in by_customer
        }

from odoo import fields, models

from odoo.addons.crm_lifecycle.models.utm_campaign import USER_GROUP


class UtmCampaign(models.Model):
    """A campaign for what is out of stock only makes customers angry."""

    _inherit = "utm.campaign"

    stop_on_stock = fields.Boolean(
        "Pause When the Offer Is Out of Stock",
        groups=USER_GROUP,
        help="As soon as nothing of one of the products offered can be promised to a "
        "customer: what is in stock and on its way is less than what is ordered.",
    )

    def _get_stop_reason(self):
        reason = super()._get_stop_reason()
        if reason or not self.stop_on_stock:
            return reason
        company = self.company_id or self.env.company
        products = self.offer_product_ids.with_company(company)
        gone = products.filtered(
            lambda product: product.is_storable and product.virtual_available <= 0
        )
        if gone:
            names = ", ".join(gone.mapped("display_name"))
            return self.env._("Out of stock: %s.", names)
        return ""

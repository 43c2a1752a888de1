from odoo import fields, models

from odoo.addons.crm_lifecycle.models.utm_campaign import USER_GROUP


class UtmCampaign(models.Model):
    """A campaign may offer a loyalty program, coupons or a promotion."""

    _inherit = "utm.campaign"

    offer_program_id = fields.Many2one(
        "loyalty.program",
        "Program Offered",
        domain="[('company_id', 'in', (False, company_id))]",
        ondelete="set null",
        groups=USER_GROUP,
        help="Loyalty, coupons, discounts: what the customers get.",
    )

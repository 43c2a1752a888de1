from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_amount

from .utm_campaign import USER_GROUP


class SaleOrderPersonal(models.Model):
    """What messages about a quotation or order can say of it."""

    _inherit = "sale.order"

    crm_link = fields.Html(
        "Link to the Order",
        compute="_compute_crm_message_fields",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Its number; a click opens it on the portal without logging in.",
    )
    crm_amount = fields.Char(
        "Total, in His Language",
        compute="_compute_crm_message_fields",
        compute_sudo=True,
        groups=USER_GROUP,
    )

    def _compute_crm_message_fields(self):
        for order in self:
            order.crm_link = Markup('<a href="%s">%s</a>') % (
                order.get_base_url() + order.get_portal_url(),
                order.name,
            )
            order.crm_amount = format_amount(
                self.env,
                order.amount_total,
                order.currency_id,
                lang_code=order.partner_id.lang,
            )

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (
            *super().mail_allowed_qweb_expressions(),
            "object.crm_link",
            "object.crm_amount",
        )

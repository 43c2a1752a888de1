from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.crm_lifecycle.models.utm_campaign import USER_GROUP


class SaleOrder(models.Model):
    """What a message about a late delivery can say: when it comes now."""

    _inherit = "sale.order"

    crm_new_delivery = fields.Char(
        "When the Rest Comes Now, in His Language",
        compute="_compute_crm_new_delivery",
        compute_sudo=True,
        groups=USER_GROUP,
        help="A sentence: the new date if the deliveries that are left are planned for "
        "a day to come, else that the date is not known yet.",
    )

    def _compute_crm_new_delivery(self):
        for order in self:
            lang = order.partner_id.lang or self.env.lang
            env = order.with_context(lang=lang).env
            date = order._get_new_delivery_date()
            order.crm_new_delivery = (
                env._("We now expect it on %s.", format_date(env, date, lang_code=lang))
                if date
                else env._("We do not know the new date yet, and tell you when we do.")
            )

    def _get_new_delivery_date(self):
        """Return the day on which the last open delivery is planned, if it is to come.

        A plan that lies in the past tells nothing.
        """
        self.ensure_one()
        left = self.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
            and picking.state not in ("draft", "done", "cancel")
        )
        dates = [fields.Date.to_date(picking.scheduled_date) for picking in left]
        latest = max(filter(None, dates), default=None)
        return latest if latest and latest >= fields.Date.today() else None

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.crm_new_delivery")

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from .utm_campaign import USER_GROUP


class AccountMovePersonal(models.Model):
    """What messages about an invoice can say of it."""

    _inherit = "account.move"

    crm_link = fields.Html(
        "Link to the Invoice",
        compute="_compute_crm_message_fields",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Its number; a click opens it on the portal without logging in.",
    )
    crm_amount_due = fields.Char(
        "Amount Open, in His Language",
        compute="_compute_crm_message_fields",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    crm_due_day = fields.Char(
        "Due Date, in His Language",
        compute="_compute_crm_message_fields",
        compute_sudo=True,
        groups=USER_GROUP,
    )

    def _compute_crm_message_fields(self):
        for move in self:
            lang = move.partner_id.lang
            move.crm_link = Markup('<a href="%s">%s</a>') % (
                move.get_base_url() + move.get_portal_url(),
                move.name,
            )
            move.crm_amount_due = format_amount(
                self.env, move.amount_residual, move.currency_id, lang_code=lang
            )
            move.crm_due_day = format_date(
                self.env, move.invoice_date_due, lang_code=lang
            )

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (
            *super().mail_allowed_qweb_expressions(),
            "object.crm_link",
            "object.crm_amount_due",
            "object.crm_due_day",
        )

from datetime import timedelta
from urllib.parse import urlencode

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import hash_sign

PREFERENCE_PAGE = "/preferences"
LINK_SCOPE = "crm_lifecycle-preferences"
# How long a link works unless the settings say otherwise.
LINK_DAYS = 180
USER_GROUP = "crm_lifecycle.crm_lifecycle_group_user"
QR_SIZE = 200


class ResPartner(models.Model):
    """Contacts decide on their messages themselves, by a link of their own.

    In the body of a mailing, a link to ``/preferences`` becomes the recipient's; so
    does the placeholder ``{{ object.crm_preference_url }}`` in any template.
    """

    _inherit = "res.partner"

    crm_consent_preference_ids = fields.One2many(
        "crm.consent.preference", "partner_id", "Contact Preferences", groups=USER_GROUP
    )
    crm_consent_log_ids = fields.One2many(
        "crm.consent.log", "partner_id", "Consent Log", groups=USER_GROUP
    )
    crm_contact_hold_ids = fields.One2many(
        "crm.contact.hold", "partner_id", "Held Messages", groups=USER_GROUP
    )
    crm_preference_url = fields.Char(
        "Link to Preferences",
        compute="_compute_crm_preference_url",
        groups="base.group_user",
    )
    crm_preference_qr = fields.Html(
        "QR Code", compute="_compute_crm_preference_qr", groups=USER_GROUP
    )
    crm_consent_overview = fields.Html(
        "Decisions", compute="_compute_crm_consent_overview", groups=USER_GROUP
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_proof(self):
        proven = (
            self.env["crm.consent.log"]
            .sudo()
            .search([("partner_id", "in", self.ids)], limit=1)
        )
        if proven:
            raise UserError(
                self.env._(
                    "%s has decided on messages, and the consent log is proof: archive "
                    "the contact instead. What is kept of a person is erased by a "
                    "privacy request.",
                    proven.partner_id.display_name,
                )
            )

    def _compute_crm_preference_url(self):
        for partner in self:
            partner.crm_preference_url = partner._origin._get_preference_url()

    def _compute_crm_preference_qr(self):
        for partner in self:
            query = urlencode(
                {
                    "barcode_type": "QR",
                    "value": partner._origin._get_preference_url("counter") or "-",
                    "width": QR_SIZE,
                    "height": QR_SIZE,
                }
            )
            partner.crm_preference_qr = Markup(
                '<img src="/report/barcode?%s" width="%s" height="%s" alt="%s"/>'
            ) % (query, QR_SIZE, QR_SIZE, self.env._("QR code of the preference page"))

    def _compute_crm_consent_overview(self):
        preferences = self.env["crm.consent.preference"]
        for partner in self:
            partner.crm_consent_overview = self.env["ir.qweb"]._render(
                "crm_lifecycle.crm_consent_overview",
                {"topics": preferences._get_topics(partner._origin)},
            )

    def _get_preference_url(self, source="link"):
        """Return the contact's own link to the preference page, or False.

        It works for some months, without login, as long as his e-mail address is the
        same. Use it in any message.

        :param str source: ``link`` or ``counter``: how he got it, kept as proof
        """
        if not self:
            return False
        self.ensure_one()
        token = hash_sign(
            self.env(su=True),
            LINK_SCOPE,
            [self.id, self.env["crm.consent"]._digest_email(self.sudo()), source],
            expiration=timedelta(days=self._get_preference_link_days()),
        )
        return f"{self.get_base_url()}{PREFERENCE_PAGE}/{token}"

    @api.model
    def _get_preference_link_days(self):
        parameters = self.env["ir.config_parameter"].sudo()
        days = parameters.get_param("crm_lifecycle.preference_link_days")
        return int(days) if days and days.isdigit() and int(days) else LINK_DAYS

    @api.model
    def _find_by_preference_token(self, token):
        """Return the contact of a link and how he got it, or none if it is no good."""
        consents = self.env["crm.consent"]
        message = consents._verify(LINK_SCOPE, token)
        if not message:
            return self.browse(), None
        partner_id, digest, source = message
        partner = self.sudo().browse(partner_id).exists()
        if not partner or consents._digest_email(partner) != digest:
            return self.browse(), None
        return partner, source

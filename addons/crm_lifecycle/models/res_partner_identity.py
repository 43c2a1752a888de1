from odoo import fields, models


class ResPartnerIdentity(models.Model):
    """By what outside sources recognise a contact, found without reading them all."""

    _inherit = "res.partner"

    crm_outside_reference_ids = fields.One2many(
        "crm.outside.reference",
        "partner_id",
        "Outside References",
        groups="crm_lifecycle.crm_lifecycle_group_user",
    )

    _crm_email_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )
    _crm_phone_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")
    _crm_vat_idx = models.Index(
        "(upper(regexp_replace(vat, '[^a-zA-Z0-9]', '', 'g'))) WHERE vat IS NOT NULL"
    )

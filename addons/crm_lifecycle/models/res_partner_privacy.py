from odoo import fields, models


class ResPartnerPrivacy(models.Model):
    """An erased customer has no events and no profile, whatever documents are kept."""

    _inherit = "res.partner"

    crm_is_erased = fields.Boolean(
        "Erased",
        readonly=True,
        copy=False,
        help="At his own request: documents that are kept by law make no events and "
        "no profile of him again.",
    )

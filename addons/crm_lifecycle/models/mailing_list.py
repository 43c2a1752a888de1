from odoo import fields, models


class MailingList(models.Model):
    _inherit = "mailing.list"

    consent_purpose_id = fields.Many2one(
        "crm.consent.purpose",
        "Purpose",
        domain=[("kind", "=", "message")],
        default=lambda self: self._default_consent_purpose_id(),
        ondelete="restrict",
        help="What the list is for: who opts out of it says no to this purpose.",
    )

    def _default_consent_purpose_id(self):
        purposes = self.env["crm.consent.purpose"].sudo()
        return purposes.search([("code", "=", "newsletter")], limit=1)

    def _get_purpose(self):
        """Return the purpose; lists older than this addon are newsletters."""
        return (
            self.sudo().consent_purpose_id or self.sudo()._default_consent_purpose_id()
        )

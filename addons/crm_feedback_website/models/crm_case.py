from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

# What the mail gateway takes of one sender holds for the form as well.
DEFAULT_COUNT = 20
DEFAULT_MINUTES = 120
# The form marks what stock's page reads from the error: names, not a text.
REFUSED_FIELDS = ["email_from"]
TYPES = ("complaint", "question", "incident", "request", "billing_dispute")


class CrmCase(models.Model):
    _inherit = "crm.case"

    @api.model
    def website_form_input_filter(self, request, values):
        """Complete what a visitor wrote in the form."""
        cases = self.sudo()
        address = email_normalize(values.get("email_from") or "")
        if not address or cases._is_flooded(address):
            raise ValidationError(REFUSED_FIELDS)
        user = request.env.user
        if user._is_public():
            partner = cases._find_opener(address, request.params.get("contact_name"))
        else:
            partner = user.partner_id
        if values.get("case_type") not in TYPES:
            values["case_type"] = "question"
        return values | {
            "partner_id": partner.id,
            "channel": "website",
            "company_id": request.website.company_id.id,
            "name": values.get("name") or self.env._("From the website"),
        }

    @api.model
    def _is_flooded(self, address):
        get_param = self.env["ir.config_parameter"].get_param
        minutes = int(get_param("mail.gateway.loop.minutes", DEFAULT_MINUTES))
        count = int(get_param("mail.gateway.loop.threshold", DEFAULT_COUNT))
        since = fields.Datetime.now() - timedelta(minutes=minutes)
        domain = [
            ("channel", "=", "website"),
            ("email_from", "=ilike", address),
            ("create_date", ">", since),
        ]
        return self.search_count(domain, limit=count) >= count

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_consent import DATA_USE


class CrmConsentPurpose(models.Model):
    """What customers are written to for, and what that needs from them.

    A purpose of the kind ``use`` is not about messages but about what is done with
    the customer's data, such as scores: it is decided once, not per channel.
    """

    _name = "crm.consent.purpose"
    _description = "Consent Purpose"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True, help="Shown to the customer.")
    kind = fields.Selection(
        [("message", "Messages"), ("use", "Use of data")],
        required=True,
        default="message",
        help="Use of data is allowed or not as a whole, such as profiling.",
    )
    basis = fields.Selection(
        [
            ("consent", "Consent: only those who said yes"),
            ("interest", "Legitimate interest: all but those who said no"),
            ("contract", "Contract: always"),
        ],
        required=True,
        default="consent",
        help="The legal ground for writing to the customer (GDPR, article 6).",
    )
    validity_months = fields.Integer(
        "Valid for (months)", help="A yes counts for so long. Zero: until withdrawn."
    )
    double_opt_in = fields.Selection(
        [
            ("no", "No"),
            ("country", "Contacts of some countries"),
            ("always", "Always"),
        ],
        "Confirm by E-mail",
        required=True,
        default="no",
        help="A yes to e-mails counts after the contact has followed the link in a "
        "confirmation e-mail (double opt-in).",
    )
    double_opt_in_country_ids = fields.Many2many(
        "res.country",
        "crm_consent_purpose_country_rel",
        "purpose_id",
        "country_id",
        "Confirm in Countries",
    )
    is_counted = fields.Boolean(
        "Counts in Contact Policies",
        default=True,
        help="Messages for it use up what contact policies allow per period.",
    )
    is_promotion = fields.Boolean(
        "Promotion",
        default=True,
        help="Held while there is something to be put right with the customer, such "
        "as an open complaint.",
    )
    is_offered = fields.Boolean(
        "On Preference Page",
        default=True,
        help="Customers decide on it on the preference page.",
    )
    on_email = fields.Boolean("By E-mail", default=True)
    on_sms = fields.Boolean("By SMS", default=True)
    on_phone = fields.Boolean("By Phone")
    on_post = fields.Boolean("By Letter")
    on_portal = fields.Boolean("On the Portal")

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "Another purpose has this technical name: choose another."
    )
    _validity_positive = models.Constraint(
        "CHECK(validity_months >= 0)", "A consent can't be valid for less than nothing."
    )

    @api.constrains("kind", "double_opt_in")
    def _check_double_opt_in(self):
        for purpose in self:
            if purpose.kind == "use" and purpose.double_opt_in != "no":
                raise ValidationError(
                    self.env._(
                        "%s is not about messages: there is no e-mail to confirm.",
                        purpose.name,
                    )
                )

    def _get_channels(self):
        """Return the channels on which customers decide, in the order shown."""
        self.ensure_one()
        if self.kind == "use":
            return [DATA_USE]
        channels = self.env["crm.consent"]._fields["channel"].get_values(self.env)
        return [
            channel
            for channel in channels
            if channel != DATA_USE and self[f"on_{channel}"]
        ]

    def _get_wording(self, channel):
        """Return the words that the customer says yes or no to, in his language."""
        self.ensure_one()
        if channel == DATA_USE:
            title = self.name
        else:
            labels = dict(
                self.env["crm.consent"]
                ._fields["channel"]
                ._description_selection(self.env)
            )
            title = self.env._(
                "%(purpose)s by %(channel)s", purpose=self.name, channel=labels[channel]
            )
        return f"{title}: {self.description}" if self.description else title

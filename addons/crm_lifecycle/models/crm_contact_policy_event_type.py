from odoo import api, fields, models
from odoo.tools import SQL

from .crm_consent import CHANNELS, DATA_USE


class CrmCustomerEventType(models.Model):
    """Types of events that are messages say what for: contact policies count them."""

    _inherit = "crm.customer.event.type"

    message_purpose_id = fields.Many2one(
        "crm.consent.purpose",
        "Message for",
        ondelete="restrict",
        help="When the event is a message to the customer: what it is sent for. It "
        "counts in contact policies.",
    )
    message_purpose_path = fields.Char(
        "Purpose",
        help="Only when the document knows better: the path to its purpose, such as "
        "mass_mailing_id.consent_purpose_id.",
    )
    message_channel = fields.Selection(
        [channel for channel in CHANNELS if channel[0] != DATA_USE],
        "Channel",
        help="On which the message is sent; e-mail where nothing is said.",
    )

    @api.constrains("message_purpose_path")
    def _check_message_purpose_path(self):
        self._check_definition()

    def _compile(self, scope):
        query, columns = super()._compile(scope)
        columns["purpose_id"] = self._message_purpose_to_sql(query)
        return query, columns

    def _message_purpose_to_sql(self, query):
        purpose = SQL("%s::int", self.message_purpose_id.id or None)
        if not self.message_purpose_path:
            return purpose
        path = self._resolve(
            self._get_fact_model(),
            query,
            "message_purpose_path",
            ("many2one",),
            comodel="crm.consent.purpose",
        ).sql
        return SQL("COALESCE(%s, %s)", path, purpose)

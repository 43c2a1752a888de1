from odoo import fields, models


class CrmCustomerEvent(models.Model):
    """Messages to customers are events with a purpose: contact policies count them."""

    _inherit = "crm.customer.event"

    purpose_id = fields.Many2one(
        "crm.consent.purpose",
        "Message for",
        ondelete="restrict",
        help="What it was sent for, when the event is a message to the customer.",
    )

    _message_idx = models.Index("(contact_id, date) WHERE purpose_id IS NOT NULL")

from odoo import models


class MailingTrace(models.Model):
    """Contact policies count what is in the mail queue, on every question."""

    _inherit = "mailing.trace"

    _on_its_way_idx = models.Index(
        "(partner_id) WHERE sent_datetime IS NULL AND partner_id IS NOT NULL"
        " AND trace_status IN ('outgoing', 'process', 'pending')"
    )

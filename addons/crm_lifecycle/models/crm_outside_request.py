from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

KEPT = relativedelta(days=30)
EXPIRY_BATCH = 10_000


class CrmOutsideRequest(models.Model):
    """One call of an outside source: how many events it sent, what became of them.

    Counts against the source's limit, and shows whether the source works.
    """

    _name = "crm.outside.request"
    _description = "Outside Request"
    _order = "date DESC, id DESC"
    _log_access = False
    _rec_name = "date"

    source_id = fields.Many2one(
        "crm.outside.source",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    company_id = fields.Many2one(related="source_id.company_id")
    date = fields.Datetime(required=True, readonly=True)
    event_count = fields.Integer("Events", readonly=True, aggregator="sum")
    created_count = fields.Integer("Created", readonly=True)
    duplicate_count = fields.Integer("Already Known", readonly=True)
    review_count = fields.Integer("To Review", readonly=True)
    rejected_count = fields.Integer("Rejected", readonly=True)
    rejected_reason = fields.Char("First Reason", readonly=True)

    _source_date_idx = models.Index("(source_id, date DESC)")

    @api.autovacuum
    def _gc_old(self):
        old = self.search(
            [("date", "<", self.env.cr.now() - KEPT)], limit=EXPIRY_BATCH, order="id"
        )
        old.unlink()
        return len(old), len(old) == EXPIRY_BATCH

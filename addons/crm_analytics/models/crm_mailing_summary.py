from odoo import api, fields, models
from odoo.tools import SQL


class CrmMailingSummary(models.Model):
    """The messages of mailings sent on each past day, those opened and clicked."""

    _name = "crm.mailing.summary"
    _description = "Messages by Day"
    _inherit = ["crm.document.summary.mixin"]
    _log_access = False

    _summary_of = "mailing.trace"
    _summary_date = "sent_datetime"

    mass_mailing_id = fields.Many2one(
        "mailing.mailing", readonly=True, ondelete="cascade"
    )
    opened_count = fields.Integer("Opened", readonly=True)
    clicked_count = fields.Integer("Clicked", readonly=True)

    _day_idx = models.Index("(day)")

    @api.model
    def _get_sums_sql(self):
        return {
            "opened_count": SQL("(mailing_trace.open_datetime IS NOT NULL)::int"),
            "clicked_count": SQL(
                "(mailing_trace.links_click_datetime IS NOT NULL)::int"
            ),
        }

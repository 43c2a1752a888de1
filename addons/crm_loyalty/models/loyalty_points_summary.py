from odoo import api, fields, models
from odoo.tools import SQL


class LoyaltyPointsSummary(models.Model):
    """The points that were booked on each past day."""

    _name = "loyalty.points.summary"
    _description = "Points by Day"
    _inherit = ["crm.document.summary.mixin"]
    _log_access = False

    _summary_of = "loyalty.points.entry"
    _summary_date = "date"

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    kind = fields.Char(readonly=True)
    points = fields.Float(digits=0, readonly=True)
    gained = fields.Float(digits=0, readonly=True)

    _day_idx = models.Index("(day, company_id)")

    @api.model
    def _get_sums_sql(self):
        return {
            "points": SQL("loyalty_points_entry.points"),
            "gained": SQL("GREATEST(loyalty_points_entry.points, 0)"),
        }

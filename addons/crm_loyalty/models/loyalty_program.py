from dateutil.relativedelta import relativedelta

from odoo import fields, models


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    tier_ids = fields.One2many("loyalty.tier", "program_id", "Tiers")
    points_validity_months = fields.Integer(
        "Points Valid For (months)",
        help="Points expire so many months after they were earned, the oldest are "
        "spent first. Zero: they never expire.",
    )

    _points_validity_positive = models.Constraint(
        "CHECK(points_validity_months >= 0)",
        "The months for which points are valid can't be negative.",
    )

    def _compute_order_count(self):
        # Who manages programs counts their orders without seeing them.
        return super(LoyaltyProgram, self.sudo())._compute_order_count()

    def _get_points_expiry(self, day):
        """Return the last day of points earned on ``day``; False if there is none."""
        self.ensure_one()
        if not self.points_validity_months:
            return False
        return day + relativedelta(months=self.points_validity_months)

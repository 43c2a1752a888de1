from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmKpiMonth(models.Model):
    """A KPI in a month: plan, actual, variance. A closed month never changes."""

    _name = "crm.kpi.month"
    _description = "KPI of a Month"
    _order = "month DESC, id DESC"
    _rec_name = "month"

    kpi_id = fields.Many2one(
        "crm.kpi", "KPI", required=True, ondelete="cascade", index=True
    )
    objective_id = fields.Many2one(related="kpi_id.objective_id", store=True)
    company_id = fields.Many2one(related="kpi_id.company_id", store=True)
    user_id = fields.Many2one(related="kpi_id.user_id", store=True)
    parent_id = fields.Many2one(
        related="kpi_id.parent_id", store=True, string="Part of", index=True
    )
    month = fields.Date(required=True, help="Its first day.")
    target = fields.Float(required=True, aggregator="avg")
    actual = fields.Float(readonly=True, aggregator="avg")
    variance = fields.Float("Variance (%)", readonly=True, aggregator="avg")
    light = fields.Selection(
        [("green", "On target"), ("amber", "Close"), ("red", "Off target")],
        readonly=True,
    )
    is_closed = fields.Boolean("Closed", readonly=True)
    has_alerted = fields.Boolean(readonly=True, help="Its activity has been opened.")
    comment = fields.Char(help="Why it came out like this, what was done.")

    _month_uniq = models.UniqueIndex("(kpi_id, month)", "A KPI has each month once.")
    _first_day = models.Constraint(
        "CHECK(extract(day FROM month) = 1)", "Enter the first day of the month."
    )

    def write(self, vals):
        if set(vals) - {"comment"} and any(self.mapped("is_closed")):
            raise UserError(
                self.env._(
                    "A closed month does not change. Write a comment, and set the "
                    "target of a later one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        if any(self.mapped("is_closed")):
            raise UserError(self.env._("A closed month can't be deleted."))

    @api.model
    def _plan(self, kpis, count):
        """Make the months that are missing, from the running one on."""
        first = fields.Date.context_today(self).replace(day=1)
        months = [fields.Date.add(first, months=place) for place in range(count)]
        there = {(line.kpi_id.id, line.month) for line in kpis.month_ids}
        return self.sudo().create(
            [
                {"kpi_id": kpi.id, "month": month, "target": kpi.target}
                for kpi in kpis
                for month in months
                if (kpi.id, month) not in there
            ]
        )

    @api.model
    def _take(self, kpis):
        """Write down the running month, and close those that are over.

        What is booked later into a closed month does not move it any more.
        """
        self._plan(kpis, 1)
        first = fields.Date.context_today(self).replace(day=1)
        open_months = self.sudo().search(
            [
                ("kpi_id", "in", kpis.ids),
                ("is_closed", "=", False),
                ("month", "<=", first),
            ]
        )
        for month, lines in open_months.grouped("month").items():
            lines._take_actual(month, is_over=month < first)

    def _take_actual(self, month, is_over):
        """Write down what was measured in a month, of all lines at once."""
        # Without a date only now can be measured: a month that is over keeps what was
        # measured last in it.
        measured = self.filtered(
            lambda line: line.kpi_id.sudo().date_field_id or not is_over
        )
        figures = measured.kpi_id._measure_each(month, fields.Date.add(month, months=1))
        for line in self:
            kpi = line.kpi_id
            kept = line.actual if line.light else None
            actual = figures[kpi] if line in measured else kept
            line.write(
                {
                    "actual": actual or 0,
                    "variance": kpi._get_variance(actual, line.target),
                    "light": kpi._get_light(actual, line.target),
                    "is_closed": is_over,
                }
            )

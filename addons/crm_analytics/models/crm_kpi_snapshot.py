from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmKpiSnapshot(models.Model):
    """A KPI on a day: plan and actual, as they were."""

    _name = "crm.kpi.snapshot"
    _description = "KPI Snapshot"
    _order = "date DESC, id DESC"
    _rec_name = "kpi_id"

    kpi_id = fields.Many2one(
        "crm.kpi", "KPI", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="kpi_id.company_id", store=True)
    date = fields.Date(required=True)
    target = fields.Float(aggregator="avg")
    actual = fields.Float(aggregator="avg")
    variance = fields.Float("Variance (%)", aggregator="avg")

    _day_uniq = models.UniqueIndex(
        "(kpi_id, date)", "This KPI has a snapshot of that day already."
    )

    def write(self, vals):
        first = fields.Date.context_today(self).replace(day=1)
        if any(snapshot.date < first for snapshot in self):
            raise UserError(self.env._("Figures of a month that is over don't change."))
        return super().write(vals)

    @api.model
    def _take(self, kpis):
        """Write down the figures that ``kpis`` have today, replacing earlier ones."""
        kpis = kpis.filtered("has_figure")
        today = fields.Date.context_today(self)
        snapshots = self.sudo().search(
            [("kpi_id", "in", kpis.ids), ("date", "=", today)]
        )
        by_kpi = {snapshot.kpi_id: snapshot for snapshot in snapshots}
        missing = []
        for kpi in kpis:
            values = {
                "target": kpi.current_target,
                "actual": kpi.actual,
                "variance": kpi.variance,
            }
            if kpi in by_kpi:
                by_kpi[kpi].write(values)
            else:
                missing.append({"kpi_id": kpi.id, "date": today, **values})
        self.sudo().create(missing)

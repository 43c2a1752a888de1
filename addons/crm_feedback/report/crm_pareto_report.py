from odoo import api, fields, models
from odoo.tools import SQL

PERIODS = (30, 90, 365)


class CrmParetoReport(models.Model):
    """Which few causes, products, suppliers or categories bring most complaints.

    A row per company, kind, period and value, the most frequent first, with its share
    and the share of all up to it.
    """

    _name = "crm.pareto.report"
    _description = "Pareto of Complaints"
    _auto = False
    _order = "company_id, dimension, days, rank"
    _depends = {
        "crm.case": [
            "active",
            "case_type",
            "category_id",
            "company_id",
            "date_received",
            "product_id",
            "root_cause_id",
            "supplier_id",
        ]
    }

    dimension = fields.Selection(
        selection="_selection_dimension", string="By", readonly=True
    )
    days = fields.Selection(
        [("30", "Last 30 days"), ("90", "Last 90 days"), ("365", "Last year")],
        "Period",
        readonly=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    res_id = fields.Integer("Id", readonly=True, aggregator=None)
    name = fields.Char(compute="_compute_name")
    rank = fields.Integer(readonly=True, aggregator=None)
    complaints = fields.Integer(readonly=True)
    share = fields.Float("Share (%)", readonly=True, digits=(4, 1))
    cumulative_share = fields.Float(
        "Cumulative (%)", readonly=True, digits=(4, 1), aggregator=None
    )

    @api.model
    def _selection_dimension(self):
        return self.env["crm.early.warning"]._selection_dimension()

    @api.depends("dimension", "res_id")
    def _compute_name(self):
        for dimension, rows in self.grouped("dimension").items():
            model = self.env["crm.case"]._fields[dimension].comodel_name
            records = self.env[model].sudo().browse(rows.mapped("res_id"))
            names = {record.id: record.display_name for record in records.exists()}
            for row in rows:
                row.name = names.get(row.res_id) or ""

    @property
    def _table_query(self):
        counts = SQL(" UNION ALL ").join(
            self._select_counts(number, name, days)
            for number, name in enumerate(
                self.env["crm.early.warning"]._get_dimensions()
            )
            for days in PERIODS
        )
        return SQL(
            """
            SELECT (res_id::bigint * 64 + number * 8 + period) %% 2147483647 AS id,
                   dimension, days, company_id, res_id, complaints,
                   row_number() OVER same AS rank,
                   100.0 * complaints / SUM(complaints) OVER whole AS share,
                   100.0 * SUM(complaints) OVER same
                   / SUM(complaints) OVER whole AS cumulative_share
              FROM (%(counts)s) AS counted
            WINDOW whole AS (PARTITION BY company_id, dimension, days),
                   same AS (PARTITION BY company_id, dimension, days
                            ORDER BY complaints DESC, res_id
                            ROWS UNBOUNDED PRECEDING)
            """,
            counts=counts,
        )

    def _select_counts(self, number, name, days):
        return SQL(
            """
            SELECT %(number)s AS number, %(period)s AS period,
                   %(name)s AS dimension, %(days)s AS days, company_id,
                   %(column)s AS res_id, count(*) AS complaints
              FROM crm_case
             WHERE active AND case_type = 'complaint' AND %(column)s IS NOT NULL
               AND date_received >= now() AT TIME ZONE 'UTC' - %(length)s::interval
          GROUP BY company_id, %(column)s
            """,
            number=number,
            period=PERIODS.index(days),
            name=name,
            days=str(days),
            column=SQL.identifier(name),
            length=f"{days} days",
        )

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action["domain"] = [
            (self.dimension, "=", self.res_id),
            ("case_type", "=", "complaint"),
            ("company_id", "=", self.company_id.id),
            ("date_received", ">=", f"now -{self.days}d"),
        ]
        action["context"] = {}
        return action

from odoo import fields, models
from odoo.tools import SQL


class CrmSatisfactionReport(models.Model):
    """Satisfaction (CSAT) and effort (CES) by month, program and team: the share of
    content answers, with the 95 % interval of Wilson (1927), which also holds for few
    answers and shares near 0 or 100."""

    _name = "crm.satisfaction.report"
    _description = "Satisfaction and Effort"
    _auto = False
    _order = "month desc, answers desc"
    _rec_name = "month"
    _depends = {
        "crm.feedback": [
            "category",
            "company_id",
            "date",
            "program_id",
            "scale",
            "score",
            "team_id",
        ]
    }

    month = fields.Date("First Day of Month", readonly=True)
    scale = fields.Selection(
        [("csat", "Satisfaction (CSAT)"), ("ces", "Effort (CES)")], readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    program_id = fields.Many2one("crm.feedback.program", readonly=True)
    team_id = fields.Many2one("crm.case.team", readonly=True)
    answers = fields.Integer(readonly=True)
    content_count = fields.Integer("Content", readonly=True)
    # Shares of groups can't be added up or averaged: no aggregator.
    share = fields.Float("Content (%)", readonly=True, aggregator=None, digits=(4, 1))
    low = fields.Float("From", readonly=True, aggregator=None, digits=(4, 1))
    high = fields.Float("To", readonly=True, aggregator=None, digits=(4, 1))
    mean = fields.Float("Mean Score", readonly=True, aggregator=None, digits=(4, 3))

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT id, month, scale, company_id, program_id, team_id, answers,
                   content_count, mean, 100.0 * p AS share,
                   100 * (p + zz / (2 * n) - z * sqrt(p * (1 - p) / n
                          + zz / (4 * n * n))) / (1 + zz / n) AS low,
                   100 * (p + zz / (2 * n) + z * sqrt(p * (1 - p) / n
                          + zz / (4 * n * n))) / (1 + zz / n) AS high
              FROM (SELECT MIN(id) AS id, scale, company_id, program_id, team_id,
                           date_trunc('month', date)::date AS month,
                           COUNT(*) AS answers, COUNT(*)::float AS n,
                           COUNT(*) FILTER (WHERE category = 'satisfied')
                               AS content_count,
                           AVG((category = 'satisfied')::int)::float AS p,
                           AVG(score) AS mean, 1.959964 AS z, 1.959964 ^ 2 AS zz
                      FROM crm_feedback
                     WHERE scale IN ('csat', 'ces')
                  GROUP BY 2, 3, 4, 5, 6) AS counted
            """
        )

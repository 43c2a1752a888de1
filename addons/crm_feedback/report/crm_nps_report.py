from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..net_promoter_score.net_promoter_score import Z_95


class CrmNpsReport(models.Model):
    """Net Promoter Score by month, program and team, with its 95 % interval."""

    _name = "crm.nps.report"
    _description = "Net Promoter Score"
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
            "team_id",
        ]
    }

    month = fields.Date("First Day of Month", readonly=True)
    month_name = fields.Char("Month", compute="_compute_month_name")
    company_id = fields.Many2one("res.company", readonly=True)
    program_id = fields.Many2one("crm.feedback.program", readonly=True)
    team_id = fields.Many2one("crm.case.team", readonly=True)
    answers = fields.Integer(readonly=True)
    promoters = fields.Integer(readonly=True)
    passives = fields.Integer(readonly=True)
    detractors = fields.Integer(readonly=True)
    # Scores of groups can't be added up or averaged: no aggregator.
    nps = fields.Float("NPS", readonly=True, aggregator=None, digits=(4, 1))
    margin = fields.Float("± (95 %)", readonly=True, aggregator=None, digits=(4, 1))
    low = fields.Float("From", readonly=True, aggregator=None, digits=(4, 1))
    high = fields.Float("To", readonly=True, aggregator=None, digits=(4, 1))

    @api.depends("month")
    def _compute_month_name(self):
        for row in self:
            row.month_name = format_date(self.env, row.month, date_format="MMMM y")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT MIN(id) AS id, month, company_id, program_id, team_id,
                   COUNT(*) AS answers,
                   COUNT(*) FILTER (WHERE vote = 1) AS promoters,
                   COUNT(*) FILTER (WHERE vote = 0) AS passives,
                   COUNT(*) FILTER (WHERE vote = -1) AS detractors,
                   100 * AVG(vote) AS nps,
                   100 * %(error)s AS margin,
                   -- Few answers, wide intervals: they end where the scale ends.
                   GREATEST(-100, 100 * (AVG(vote) - %(error)s)) AS low,
                   LEAST(100, 100 * (AVG(vote) + %(error)s)) AS high
              FROM (%(votes)s) AS votes
             GROUP BY month, company_id, program_id, team_id
            """,
            error=SQL("%s * STDDEV_POP(vote) / SQRT(COUNT(*))", Z_95),
            votes=self._get_votes(),
        )

    def _get_votes(self):
        return SQL(
            """
            SELECT id, date_trunc('month', date)::date AS month, company_id,
                   program_id, team_id,
                   CASE category WHEN 'promoter' THEN 1 WHEN 'detractor' THEN -1
                        ELSE 0 END::double precision AS vote
              FROM crm_feedback
             WHERE scale = 'nps'
            """
        )

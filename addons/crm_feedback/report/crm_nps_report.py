from odoo import fields, models
from odoo.tools import SQL

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

    month = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    program_id = fields.Many2one("crm.feedback.program", "Program", readonly=True)
    team_id = fields.Many2one("crm.case.team", "Team", readonly=True)
    answers = fields.Integer(readonly=True)
    promoters = fields.Integer(readonly=True)
    passives = fields.Integer(readonly=True)
    detractors = fields.Integer(readonly=True)
    # Scores of groups can't be added up or averaged: no aggregator.
    nps = fields.Float("NPS", readonly=True, aggregator=None, digits=(4, 1))
    margin = fields.Float("± (95 %)", readonly=True, aggregator=None, digits=(4, 1))
    low = fields.Float("From", readonly=True, aggregator=None, digits=(4, 1))
    high = fields.Float("To", readonly=True, aggregator=None, digits=(4, 1))

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
                   100 * %(z)s * STDDEV_POP(vote) / SQRT(COUNT(*)) AS margin,
                   100 * (AVG(vote) - %(z)s * STDDEV_POP(vote) / SQRT(COUNT(*)))
                       AS low,
                   100 * (AVG(vote) + %(z)s * STDDEV_POP(vote) / SQRT(COUNT(*)))
                       AS high
              FROM (%(votes)s) AS votes
             GROUP BY month, company_id, program_id, team_id
            """,
            z=Z_95,
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

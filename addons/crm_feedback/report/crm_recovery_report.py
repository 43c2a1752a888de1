from odoo import fields, models
from odoo.tools import SQL

# Who buys within so many days after his unhappy answer has come back.
REPURCHASE_DAYS = 180


class CrmRecoveryReport(models.Model):
    """What became of unhappy customers: followed up in time, closed, content when
    asked again, and buying again. A row per unhappy answer; the shares are means."""

    _name = "crm.recovery.report"
    _description = "Recovery of Unhappy Customers"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _depends = {
        "crm.feedback": [
            "category",
            "commercial_partner_id",
            "company_id",
            "date",
            "first_feedback_id",
            "partner_id",
            "program_id",
            "team_id",
        ],
        "crm.case": ["date_closed", "date_promised", "feedback_id", "stage_kind"],
        "sale.order": ["date_order", "partner_id", "state"],
    }

    date = fields.Datetime("Answered on", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    program_id = fields.Many2one("crm.feedback.program", readonly=True)
    team_id = fields.Many2one("crm.case.team", readonly=True)
    case_id = fields.Many2one("crm.case", "Follow-up", readonly=True)
    followed_up = fields.Float("Followed Up (%)", readonly=True, aggregator="avg")
    in_time = fields.Float("Closed in Time (%)", readonly=True, aggregator="avg")
    asked_again = fields.Integer(readonly=True)
    # By the second answer, which the follow-up asked for; else by the latest one.
    # Nobody knows of those who were not asked again: they don't count.
    recovered = fields.Float(
        "Recovered (%)",
        readonly=True,
        aggregator="avg",
        help="Of those who answered again later: content or better.",
    )
    repurchased = fields.Float(
        "Bought Again (%)",
        readonly=True,
        aggregator="avg",
        help="Ordered within 180 days after the unhappy answer.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT feedback.id, feedback.date, feedback.company_id,
                   feedback.partner_id, feedback.program_id, feedback.team_id,
                   follow_up.id AS case_id,
                   100.0 * (follow_up.id IS NOT NULL)::int AS followed_up,
                   100.0 * COALESCE(follow_up.stage_kind = 'solved'
                       AND follow_up.date_closed <= follow_up.date_promised,
                       FALSE)::int AS in_time,
                   (later.category IS NOT NULL)::int AS asked_again,
                   100.0 * (later.category IN ('promoter', 'passive', 'satisfied'))::int
                       AS recovered,
                   100.0 * (EXISTS (
                       SELECT FROM sale_order
                         JOIN res_partner buyer ON buyer.id = sale_order.partner_id
                        WHERE sale_order.state = 'sale'
                          AND sale_order.company_id = feedback.company_id
                          AND buyer.commercial_partner_id
                              = feedback.commercial_partner_id
                          AND sale_order.date_order > feedback.date
                          AND sale_order.date_order
                              < feedback.date + %(days)s::interval))::int
                       AS repurchased
              FROM crm_feedback feedback
         LEFT JOIN LATERAL (
                   SELECT id, stage_kind, date_closed, date_promised FROM crm_case
                    WHERE crm_case.feedback_id = feedback.id
                 ORDER BY id LIMIT 1) follow_up ON TRUE
         LEFT JOIN LATERAL (
                   SELECT category FROM crm_feedback answer
                    WHERE answer.commercial_partner_id = feedback.commercial_partner_id
                      AND answer.company_id = feedback.company_id
                      AND answer.date > feedback.date
                 ORDER BY (answer.first_feedback_id IS NOT DISTINCT FROM feedback.id)
                          DESC, answer.date DESC, answer.id DESC
                    LIMIT 1) later ON TRUE
             WHERE feedback.category IN ('detractor', 'dissatisfied')
            """,
            days=f"{REPURCHASE_DAYS} days",
        )

from odoo import api, fields, models
from odoo.tools import SQL

from .crm_customer_profile_stage import LIFECYCLE_STAGES


class CrmCustomerStage(models.Model):
    """A stay of a customer in a lifecycle stage: from when to when, where from.

    Written by the refresh of the profiles alone, in the same statement.
    """

    _name = "crm.customer.stage"
    _description = "Customer Lifecycle Stage"
    _order = "date_entered DESC, id DESC"
    _log_access = False
    _rec_name = "stage"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    stage = fields.Selection(LIFECYCLE_STAGES, required=True)
    previous_stage = fields.Selection(LIFECYCLE_STAGES, "From")
    date_entered = fields.Datetime("Entered", required=True)
    date_left = fields.Datetime("Left")

    from_history = fields.Boolean(
        help="Reconstructed from the orders there were when the profile was made."
    )
    days = fields.Float(
        compute="_compute_days", digits=(10, 1), help="Spent in this stage so far."
    )

    _customer_idx = models.Index("(partner_id, company_id, date_entered)")
    _date_idx = models.Index("(date_entered)")

    @api.depends("date_entered", "date_left")
    def _compute_days(self):
        now = fields.Datetime.now()
        for stay in self:
            spent = (stay.date_left or now) - stay.date_entered
            stay.days = spent.total_seconds() / 86400

    @api.model
    def _get_moves_sql(self, moment):
        """Return the parts of a statement that write the moves between stages.

        They follow a part ``refreshed`` with columns ``partner_id``, ``company_id``,
        ``previous`` and ``stage``, and end with ``entered``. A stay is left before
        the next is entered.
        """
        return SQL(
            """
            moved AS (
                SELECT * FROM refreshed WHERE previous != stage
            ), departed AS (
                UPDATE crm_customer_stage stay SET date_left = %(moment)s
                  FROM moved
                 WHERE stay.partner_id = moved.partner_id
                   AND stay.company_id = moved.company_id AND stay.date_left IS NULL
             RETURNING stay.id
            ), entered AS (
                INSERT INTO crm_customer_stage (partner_id, company_id, stage,
                       previous_stage, date_entered)
                SELECT partner_id, company_id, stage, previous, %(moment)s FROM moved
             RETURNING id
            )
            """,
            moment=moment,
        )

    @api.model
    def _write_past(self, profile_ids, moment):
        """Write the stays of new profiles, as far back as their orders tell.

        By the present limits: each order may make a customer new, repeat or loyal, and
        too long a time without one at risk and lapsed. Last comes the present stage.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH customer AS (
                    SELECT profile.partner_id, profile.company_id,
                           profile.lifecycle_stage,
                           company.crm_loyal_orders AS loyal,
                           make_interval(days => company.crm_at_risk_days) AS at_risk,
                           make_interval(days => company.crm_lapsed_days) AS lapsed
                      FROM crm_customer_profile profile
                      JOIN res_company company ON company.id = profile.company_id
                     WHERE profile.id = ANY(%(profiles)s)
                ), orders AS (
                    SELECT customer.*, so.date_order AS moment,
                           row_number() OVER each AS number,
                           COALESCE(lead(so.date_order) OVER each, %(moment)s) AS next
                      FROM customer
                      JOIN res_partner contact
                        ON contact.commercial_partner_id = customer.partner_id
                      JOIN sale_order so ON so.partner_id = contact.id
                       AND so.company_id = customer.company_id AND so.state = 'sale'
                    WINDOW each AS (PARTITION BY customer.partner_id, so.company_id
                                        ORDER BY so.date_order, so.id)
                ), point AS (
                    SELECT partner_id, company_id, moment, 1 AS rank,
                           CASE WHEN number >= loyal THEN 'loyal'
                                WHEN number > 1 THEN 'repeat' ELSE 'new' END AS stage
                      FROM orders
                     UNION ALL
                    SELECT partner_id, company_id, moment + at_risk, 2, 'at_risk'
                      FROM orders WHERE moment + at_risk < next
                     UNION ALL
                    SELECT partner_id, company_id, moment + lapsed, 3, 'lapsed'
                      FROM orders WHERE moment + lapsed < next
                     UNION ALL
                    SELECT partner_id, company_id, %(moment)s, 4, lifecycle_stage
                      FROM customer
                ), move AS (
                    SELECT * FROM (
                        SELECT point.*, lag(stage) OVER (
                                   PARTITION BY partner_id, company_id
                                       ORDER BY moment, rank) AS previous
                          FROM point) step
                     WHERE previous IS DISTINCT FROM stage
                )
                INSERT INTO crm_customer_stage (partner_id, company_id, stage,
                       previous_stage, date_entered, date_left, from_history)
                SELECT partner_id, company_id, stage, previous, moment,
                       lead(moment) OVER (PARTITION BY partner_id, company_id
                                              ORDER BY moment, rank), true
                  FROM move
                """,
                profiles=SQL("%s::int[]", profile_ids),
                moment=SQL("%s::timestamp", moment),
            )
        )

    def _capture_moves(self):
        """Make the events of customers who went from one stage to another."""
        self.env["crm.customer.event.type"]._capture("stage_changed", self)

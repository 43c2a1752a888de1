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
                SELECT * FROM refreshed WHERE previous IS DISTINCT FROM stage
            ), departed AS (
                UPDATE crm_customer_stage stay SET date_left = %(moment)s
                  FROM moved
                 WHERE stay.partner_id = moved.partner_id
                   AND stay.company_id = moved.company_id AND stay.date_left IS NULL
                   AND moved.previous IS NOT NULL
             RETURNING stay.id
            ), entered AS (
                INSERT INTO crm_customer_stage (partner_id, company_id, stage,
                       previous_stage, date_entered)
                SELECT partner_id, company_id, stage, previous, %(moment)s FROM moved
             RETURNING id, previous_stage
            )
            """,
            moment=moment,
        )

    def _capture_moves(self):
        """Make the events of customers who went from one stage to another."""
        self.env["crm.customer.event.type"]._capture("stage_changed", self)

from odoo import fields, models
from odoo.tools import SQL

from ..models.crm_customer_profile_stage import LIFECYCLE_STAGES

# From which stage to which is forward. Who comes back from at risk moves forward, too.
STAGE_ORDER = [
    "lapsed",
    "at_risk",
    "prospect",
    "lead",
    "opportunity",
    "new",
    "repeat",
    "loyal",
    "advocate",
]


class CrmCustomerStageReport(models.Model):
    """Flow between the lifecycle stages: each move counts twice.

    One less in the stage that is left, one more in the stage that is entered, so that
    the changes of any period sum up to zero.
    """

    _name = "crm.customer.stage.report"
    _description = "Flow between Lifecycle Stages"
    _auto = False
    _order = "date DESC, id"
    _rec_name = "stage"
    _depends = {
        "crm.customer.stage": [
            "company_id",
            "date_entered",
            "partner_id",
            "previous_stage",
            "stage",
        ],
        "res.partner": ["user_id"],
    }

    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    date = fields.Datetime(readonly=True)
    stage = fields.Selection(
        [("none", "Not known before"), *LIFECYCLE_STAGES], readonly=True
    )
    other_stage = fields.Selection(
        [("none", "Not known before"), *LIFECYCLE_STAGES],
        "From or To",
        readonly=True,
        help="The stage on the other side of the move.",
    )
    direction = fields.Selection([("in", "Entered"), ("out", "Left")], readonly=True)
    change = fields.Integer(
        readonly=True, help="Customers who entered less customers who left."
    )
    entered = fields.Integer(readonly=True, help="Customers who entered the stage.")
    departed = fields.Integer(
        "Left", readonly=True, help="Customers who left the stage."
    )
    days = fields.Float(
        "Days in stage",
        readonly=True,
        aggregator="avg",
        help="Mean time that those who left had spent in the stage.",
    )
    forward = fields.Float(
        "Moved forward",
        readonly=True,
        aggregator="avg",
        help="Conversion: of those who left the stage, the share who went on to a "
        "better one.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT move.id * 2 + side.number AS id, move.partner_id, move.company_id,
                   partner.user_id, move.date_entered AS date, side.direction,
                   CASE side.number WHEN 0 THEN move.stage ELSE move.previous END
                   AS stage,
                   CASE side.number WHEN 0 THEN move.previous ELSE move.stage END
                   AS other_stage,
                   1 - 2 * side.number AS change, 1 - side.number AS entered,
                   side.number AS departed,
                   CASE WHEN side.number = 1 AND move.previous != 'none' THEN
                       extract(epoch FROM move.date_entered - move.before)::float8
                       / 86400 END AS days,
                   CASE WHEN side.number = 1 AND move.previous != 'none' THEN
                       (array_position(%(stages)s, move.stage)
                        > array_position(%(stages)s, move.previous))::int::float8
                   END AS forward
              FROM (SELECT id, partner_id, company_id, date_entered,
                           stage::text AS stage,
                           COALESCE(previous_stage, 'none')::text AS previous,
                           lag(date_entered) OVER (
                               PARTITION BY partner_id, company_id
                                   ORDER BY date_entered, id) AS before
                      FROM crm_customer_stage) move
              JOIN res_partner partner ON partner.id = move.partner_id
             CROSS JOIN (VALUES (0, 'in'), (1, 'out')) side (number, direction)
            """,
            stages=SQL("%s::text[]", STAGE_ORDER),
        )

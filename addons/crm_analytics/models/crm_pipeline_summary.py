from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmPipelineSummary(models.Model):
    """What each past day changed in the open pipeline.

    Amounts of the past come from the tracked changes. The sum of all changes up to a
    day is the pipeline of that day, whatever was tracked: an opportunity enters with
    its first amount and leaves with the last one. Changes that were not tracked count
    to the tracked one before them.
    """

    _name = "crm.pipeline.summary"
    _description = "Pipeline Changes by Day"
    _inherit = ["crm.document.summary.mixin"]
    _log_access = False

    _summary_of = "crm.lead"
    # What is created, closed or changed is written.
    _summary_date = "write_date"
    _summary_domain = [("type", "=", "opportunity")]

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, ondelete="set null"
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, ondelete="set null"
    )
    active = fields.Boolean(readonly=True)
    kind = fields.Char(readonly=True, help="new, up, down, won or lost")
    amount = fields.Monetary(readonly=True, help="Negative if it left the pipeline.")

    _day_idx = models.Index("(day, company_id)")

    @api.model
    def _get_sums_sql(self):
        return {"amount": SQL()}

    @api.model
    def _get_documents_since_sql(self, domain, since, date_from, date_to):
        """A change within the days may be of a lead that was written later again."""
        return super()._get_documents_since_sql(domain, since, None, None)

    @api.model
    def _get_documents_sql(self, domain, zone=None):
        leads = self.env["crm.lead"]
        query = leads._search(Domain(self._summary_domain) & Domain(domain))
        field = self.env["ir.model.fields"]._get("crm.lead", "expected_revenue")
        return SQL(
            """
            WITH lead AS MATERIALIZED (
                SELECT id, company_id, user_id, team_id, active, won_status,
                       date_trunc('second', create_date) AS begun, date_closed AS ended,
                       COALESCE(expected_revenue, 0) AS amount
                  FROM crm_lead WHERE id IN %(leads)s
            ), change AS MATERIALIZED (
                SELECT lead.id, lead.company_id, lead.user_id, lead.team_id,
                       lead.active, message.date,
                       -- An amount saved together with the closing is told after it.
                       LEAST(message.date, date_trunc('second', message.create_date))
                           <= lead.ended OR lead.ended IS NULL AS is_open,
                       COALESCE(value.old_value_float, value.old_value_integer, 0)
                           AS before,
                       lead(COALESCE(value.old_value_float, value.old_value_integer, 0),
                            1, lead.amount::float8)
                           OVER (PARTITION BY lead.id ORDER BY message.date, value.id)
                           AS after
                  FROM lead
                  JOIN mail_message message
                    ON message.res_id = lead.id AND message.model = 'crm.lead'
                  JOIN mail_tracking_value value
                    ON value.mail_message_id = message.id AND value.field_id = %(field)s
                 WHERE message.date >= lead.begun
            ), amount AS (
                SELECT DISTINCT ON (id) id, before AS first FROM change
                 ORDER BY id, date
            ), closing AS (
                SELECT DISTINCT ON (id) id, before AS last FROM change
                 WHERE NOT is_open ORDER BY id, date
            ), movement AS (
                SELECT company_id, user_id, team_id, active, begun AS date,
                       'new' AS kind, COALESCE(amount.first, lead.amount) AS amount
                  FROM lead LEFT JOIN amount ON amount.id = lead.id
                 UNION ALL
                SELECT company_id, user_id, team_id, active, date,
                       CASE WHEN after > before THEN 'up' ELSE 'down' END,
                       after - before
                  FROM change WHERE is_open AND after <> before
                 UNION ALL
                SELECT company_id, user_id, team_id, active, ended,
                       CASE WHEN won_status = 'won' THEN 'won' ELSE 'lost' END,
                       -COALESCE(closing.last, lead.amount)
                  FROM lead LEFT JOIN closing ON closing.id = lead.id
                 WHERE ended IS NOT NULL
            )
            SELECT %(day)s AS day, company_id, user_id, team_id, active, kind, amount
              FROM movement
            """,
            leads=query.subselect(),
            field=field.id,
            day=self._get_day_sql(SQL("date"), SQL("company_id"), zone),
        )

from odoo import fields, models
from odoo.tools import SQL


class CrmLeadAmountChange(models.Model):
    """A tracked change of the amount that an open opportunity was expected to bring."""

    _name = "crm.lead.amount.change"
    _description = "Change of an Expected Amount"
    _auto = False
    _order = "date DESC, id DESC"
    _rec_name = "lead_id"

    date = fields.Datetime(readonly=True)
    lead_id = fields.Many2one("crm.lead", "Opportunity", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="lead_id.company_currency")
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    before = fields.Monetary(readonly=True)
    after = fields.Monetary(readonly=True)
    change = fields.Monetary(readonly=True)

    @property
    def _table_query(self):
        field = self.env["ir.model.fields"]._get("crm.lead", "expected_revenue")
        return SQL(
            """
            SELECT value.id, message.date, lead.id AS lead_id, lead.company_id,
                   lead.user_id, amount.before, amount.after,
                   amount.after - amount.before AS change
              FROM mail_tracking_value value
              JOIN mail_message message
                ON message.id = value.mail_message_id AND message.model = 'crm.lead'
              JOIN crm_lead lead ON lead.id = message.res_id
             CROSS JOIN LATERAL (SELECT
                   COALESCE(value.old_value_float, value.old_value_integer, 0)::numeric,
                   COALESCE(value.new_value_float, value.new_value_integer, 0)::numeric
                   ) amount (before, after)
             WHERE value.field_id = %s AND lead.type = 'opportunity'
               AND message.date >= date_trunc('second', lead.create_date)
               AND (lead.date_closed IS NULL
                    OR LEAST(message.date, date_trunc('second', message.create_date))
                        <= lead.date_closed)
            """,
            field.id,
        )

from odoo import api, models
from odoo.tools import SQL


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _get_pipeline_changes(self, date_from, date_to, company_ids):
        """Say how the open pipeline changed between two days, with the user's rights.

        Amounts of the past come from the tracked changes. By construction opening
        plus changes is closing; a lost or won opportunity leaves with the amount it
        had then, and one that came and went within the days is in both.

        :return: ``opening``, ``new``, ``up``, ``down``, ``won`` and ``lost`` (negative)
            and ``closing``; ``ids`` of the opportunities behind each
        :rtype: dict
        """
        leads = self.with_context(active_test=False)
        query = leads._search(
            [
                ("type", "=", "opportunity"),
                ("company_id", "in", [*company_ids, False]),
                ("create_date", "<=", str(date_to)),
                "|",
                ("date_closed", "=", False),
                ("date_closed", ">=", str(date_from)),
            ]
        )
        self.env.flush_all()
        rows = self.env.execute_query(
            self._get_pipeline_changes_sql(query.subselect(), date_from, date_to)
        )
        parts = dict.fromkeys(
            ("opening", "new", "up", "down", "won", "lost", "closing"), 0
        )
        ids = {key: [] for key in parts}
        for lead_id, *amounts in rows:
            for key, amount in zip(parts, amounts, strict=True):
                if amount:
                    parts[key] += amount
                    ids[key].append(lead_id)
        return {**parts, "ids": ids}

    @api.model
    def _get_pipeline_changes_sql(self, leads, date_from, date_to):
        """Return a row per opportunity: its part in each of the changes."""
        field = self.env["ir.model.fields"]._get("crm.lead", "expected_revenue")
        return SQL(
            """
            WITH change AS (
                SELECT message.res_id AS lead_id, message.date,
                       COALESCE(value.old_value_float, value.old_value_integer, 0)
                           AS before
                  FROM mail_tracking_value value
                  JOIN mail_message message ON message.id = value.mail_message_id
                 WHERE value.field_id = %(field)s AND message.model = 'crm.lead'
                   AND message.res_id IN %(leads)s
            ), lead AS (
                SELECT lead.id, lead.create_date >= %(start)s AS is_new,
                       lead.date_closed IS NULL
                           OR lead.date_closed >= %(end)s AS is_open,
                       lead.won_status,
                       COALESCE(
                           (SELECT before FROM change WHERE lead_id = lead.id
                               AND date >= date_trunc('second', GREATEST(
                                   %(start)s::timestamp, lead.create_date))
                             ORDER BY date LIMIT 1), lead.expected_revenue, 0) AS first,
                       COALESCE(
                           (SELECT before FROM change WHERE lead_id = lead.id
                               AND date >= LEAST(%(end)s, lead.date_closed)
                             ORDER BY date LIMIT 1), lead.expected_revenue, 0) AS last
                  FROM crm_lead lead WHERE lead.id IN %(leads)s
            )
            SELECT id, CASE WHEN is_new THEN 0 ELSE first END,
                   CASE WHEN is_new THEN first ELSE 0 END,
                   GREATEST(last - first, 0), LEAST(last - first, 0),
                   CASE WHEN NOT is_open AND won_status = 'won' THEN -last ELSE 0 END,
                   CASE WHEN NOT is_open AND won_status IS DISTINCT FROM 'won'
                        THEN -last ELSE 0 END,
                   CASE WHEN is_open THEN last ELSE 0 END
              FROM lead
            """,
            field=field.id,
            leads=leads,
            start=date_from,
            end=SQL("(%s::date + 1)::timestamp", date_to),
        )

from odoo import api, fields, models
from odoo.tools import SQL

# Seconds after which somebody who is no longer heard of has left the case.
PRESENT_SECONDS = 45


class CrmCaseViewer(models.Model):
    """Who has a case open right now. Kept for seconds, by and for the form."""

    _name = "crm.case.viewer"
    _description = "Viewer of a Case"
    _log_access = False

    case_id = fields.Many2one("crm.case", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", required=True, index=True, ondelete="cascade"
    )
    date_seen = fields.Datetime(required=True)

    _viewer_uniq = models.UniqueIndex("(case_id, user_id)")

    @api.model
    def _notice(self, case):
        """Note that the user has the case open, and return who else has.

        :rtype: list of names
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_case_viewer (case_id, user_id, date_seen)
                     VALUES (%s, %s, now() AT TIME ZONE 'UTC')
                ON CONFLICT (case_id, user_id)
              DO UPDATE SET date_seen = EXCLUDED.date_seen
                  RETURNING id
                """,
                case.id,
                self.env.uid,
            )
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.name
                  FROM crm_case_viewer viewer
                  JOIN res_users u ON u.id = viewer.user_id
                  JOIN res_partner partner ON partner.id = u.partner_id
                 WHERE viewer.case_id = %s AND viewer.user_id != %s
                   AND viewer.date_seen > now() AT TIME ZONE 'UTC'
                       - make_interval(secs => %s)
                 ORDER BY partner.name
                """,
                case.id,
                self.env.uid,
                PRESENT_SECONDS,
            )
        )
        return [name for (name,) in rows]

    @api.autovacuum
    def _gc_viewers(self):
        past = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.search([("date_seen", "<", past)]).unlink()

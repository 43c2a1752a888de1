from odoo.tools import SQL
from odoo.tools.sql import create_column


def pre_init_hook(env):
    """Give the mailing traces their customer in one statement.

    Left to the ORM, the column would be computed record by record over years of
    mailings.
    """
    create_column(env.cr, "mailing_trace", "partner_id", "int4")
    env.cr.execute(
        SQL(
            """
            UPDATE mailing_trace trace
               SET partner_id = partner.id
              FROM res_partner partner
             WHERE trace.model = 'res.partner' AND partner.id = trace.res_id
            """
        )
    )


def post_init_hook(env):
    """Let the scheduled actions read the history soon after the installation."""
    env.ref("crm_lifecycle.ir_cron_backfill_events")._trigger()

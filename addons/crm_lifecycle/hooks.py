from odoo.tools import SQL
from odoo.tools.sql import create_column


def pre_init_hook(env):
    """Fill the columns that we add to stock's tables, each in one statement.

    Left to the ORM, they would be computed record by record over years of mailings,
    invoices and activities.
    """
    fill_trace_customers(env)
    fill_click_dates(env)
    fill_paid_dates(env)
    fill_activity_customers(env)


def fill_trace_customers(env):
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


def fill_click_dates(env):
    """Fill when recipients clicked where the clicks are gone; the others are judged."""
    create_column(env.cr, "mailing_trace", "crm_click_date", "timestamp")
    env.cr.execute(
        SQL(
            """
            UPDATE mailing_trace trace SET crm_click_date = links_click_datetime
             WHERE links_click_datetime IS NOT NULL
               AND NOT EXISTS (SELECT FROM link_tracker_click click
                                WHERE click.mailing_trace_id = trace.id)
            """
        )
    )


def fill_paid_dates(env):
    create_column(env.cr, "account_move", "crm_paid_date", "date")
    env.cr.execute(
        SQL(
            """
            UPDATE account_move move SET crm_paid_date = paid.day
              FROM (SELECT line.move_id, max(payment.max_date) AS day
                      FROM account_partial_reconcile payment
                      JOIN account_move_line line ON line.id = payment.debit_move_id
                     GROUP BY line.move_id) paid
             WHERE paid.move_id = move.id AND move.move_type = 'out_invoice'
               AND move.payment_state IN ('paid', 'in_payment')
            """
        )
    )


def fill_activity_customers(env):
    create_column(env.cr, "mail_activity", "crm_partner_id", "int4")
    env.cr.execute("SELECT DISTINCT res_model FROM mail_activity")
    for (model_name,) in env.cr.fetchall():
        model = env.get(model_name)
        if model is None or model._abstract:
            continue
        if model_name == "res.partner":
            column = SQL.identifier("document", "id")
        elif "partner_id" in model and model._fields["partner_id"].store:
            column = SQL.identifier("document", "partner_id")
        else:
            continue
        env.cr.execute(
            SQL(
                """
                UPDATE mail_activity activity SET crm_partner_id = %s FROM %s document
                 WHERE activity.res_model = %s AND document.id = activity.res_id
                """,
                column,
                SQL.identifier(model._table),
                model_name,
            )
        )


def post_init_hook(env):
    """Let the scheduled actions read the history soon after the installation."""
    env.ref("crm_lifecycle.ir_cron_backfill_events")._trigger()
    env.ref("crm_lifecycle.ir_cron_judge_clicks")._trigger()


def uninstall_hook(env):
    """Forget the mixins that we alone gave to campaigns: Odoo would keep their rows."""
    ours, others = set(), set()
    for part in type(env["utm.campaign"]).mro():
        if getattr(part, "_name", None) == "utm.campaign" and "_inherit" in vars(part):
            parents = ours if part._module == "crm_lifecycle" else others
            parents.update(part._inherit)
    inherits = env["ir.model.inherit"].search(
        [
            ("model_id.model", "=", "utm.campaign"),
            ("parent_id.model", "in", list(ours - others - {"utm.campaign"})),
        ]
    )
    inherits.unlink()

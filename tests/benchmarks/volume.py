"""Fill a database with customers and what they did, by SQL: a million in minutes.

Orders with a line, invoices, credit notes, payments and mailings; the ORM reads what is
written. Buying is like that of the BG/NBD model: each customer has a rate and a chance
to drop out, so that some buy once and some for years. The same seed makes the same
customers.
"""

from odoo.tools import SQL

MARK = "Volume"
PRODUCTS, CATEGORIES = 60, 8
# What is filled by hand; mailing traces need nothing that other apps add.
TABLES = (
    "res.partner",
    "sale.order",
    "sale.order.line",
    "account.move",
    "account.move.line",
)


def fill(env, customers, orders_each=5, seed=0.42):
    """Make ``customers`` customers with ``orders_each`` confirmed orders on average.

    :return: number of customers and of orders there are now
    """
    env.flush_all()
    env.execute_query(SQL("SELECT setseed(%s)", seed))
    set_column_defaults(env)
    trust_references(env, True)
    make_customers(env, customers)
    settle(env, "res_partner")
    make_orders(env, orders_each)
    settle(env, "sale_order")
    make_order_lines(env, make_products(env))
    settle(env, "sale_order_line")
    make_invoices(env)
    make_mailings(env)
    trust_references(env, False)
    settle(env, "mailing_trace")
    mine = [("partner_id.name", "=like", f"{MARK} %")]
    return customers, env["sale.order"].search_count(mine)


def trust_references(env, is_trusted):
    """Leave out the checks of foreign keys, which take most of the time, or not."""
    role = "replica" if is_trusted else "origin"
    env.cr.execute(SQL("SET session_replication_role = %s", role))


def settle(env, *tables):
    """Commit, and let PostgreSQL know the size of what was filled."""
    env.invalidate_all()
    env.cr.commit()
    env.cr.execute("ANALYZE " + ", ".join(tables))
    env.cr.commit()


def set_column_defaults(env):
    """Let the columns that other installed apps require fill themselves.

    The database is of this benchmark alone.
    """
    for name in TABLES:
        model = env[name]
        values = model.default_get(list(model._fields))
        rows = env.execute_query(
            SQL(
                """
                SELECT column_name FROM information_schema.columns
                 WHERE table_name = %s AND is_nullable = 'NO'
                   AND column_default IS NULL
                """,
                model._table,
            )
        )
        for (column,) in rows:
            if values.get(column):
                env.cr.execute(
                    SQL(
                        "ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s",
                        SQL.identifier(model._table),
                        SQL.identifier(column),
                        values[column],
                    )
                )


def make_customers(env, customers):
    env.execute_query(
        SQL(
            """
            INSERT INTO res_partner (name, complete_name, email, active, is_company,
                   type, lang, autopost_bills, create_date, write_date,
                   create_uid, write_uid)
            SELECT %(mark)s || ' ' || number, %(mark)s || ' ' || number,
                   'c' || number || '@example.com', true, true,
                   'contact', 'en_US', 'ask', now(), now(), 1, 1
              FROM generate_series(1, %(customers)s) number
            RETURNING id
            """,
            mark=MARK,
            customers=customers,
        )
    )
    env.execute_query(
        SQL(
            "UPDATE res_partner SET commercial_partner_id = id "
            "WHERE commercial_partner_id IS NULL RETURNING id"
        )
    )


def make_orders(env, orders_each):
    company = env.company
    env.execute_query(
        SQL(
            """
            WITH customer AS MATERIALIZED (
                SELECT id,
                       1 + floor(-ln(1 - random()) * (%(orders)s - 0.5))::int AS orders,
                       20 + 200 * random() AS rhythm, 900 * random() AS first,
                       exp(3.5 + 0.8 * (random() + random() - 1)) AS basket
                  FROM res_partner WHERE name LIKE %(mark)s || ' %%'
            )
            INSERT INTO sale_order (name, partner_id, partner_invoice_id,
                   partner_shipping_id, company_id, currency_id, currency_rate, state,
                   date_order, amount_untaxed, amount_tax, amount_total,
                   create_date, write_date, create_uid, write_uid)
            SELECT 'V' || id || '/' || number, id, id, id, %(company)s, %(currency)s, 1,
                   'sale', day, amount, 0, amount, now(), now(), 1, 1
              FROM (SELECT customer.id, number,
                           now() - make_interval(days => (1000 - first)::int)
                               + make_interval(days => (number * rhythm)::int) AS day,
                           round((basket * (0.5 + random()))::numeric, 2) AS amount
                      FROM customer, generate_series(0, orders - 1) number) drawn
             WHERE day < now()
            RETURNING id
            """,
            orders=orders_each,
            mark=MARK,
            company=company.id,
            currency=company.currency_id.id,
        )
    )


def make_products(env):
    """Return the ids of some products that cost 60 % of their price."""
    categories = env["product.category"].create(
        [{"name": f"{MARK} {number}"} for number in range(CATEGORIES)]
    )
    products = env["product.product"].create(
        [
            {
                "name": f"{MARK} {number}",
                "categ_id": categories[number % CATEGORIES].id,
                "list_price": 10 + number,
                "standard_price": 6 + 0.6 * number,
                "type": "consu",
                "taxes_id": False,
            }
            for number in range(PRODUCTS)
        ]
    )
    env.flush_all()
    return products.ids


def make_order_lines(env, product_ids):
    """One line for each order; every fifth at a discount of a tenth."""
    env.execute_query(
        SQL(
            """
            WITH line AS (
                INSERT INTO sale_order_line (order_id, name, product_id, product_uom_id,
                       product_uom_qty, price_unit, discount, price_subtotal,
                       price_total, price_tax, customer_lead, state, company_id,
                       currency_id, order_partner_id, sequence, invoice_status,
                       create_date, write_date, create_uid, write_uid)
                SELECT id, %(mark)s, (%(products)s::int[])[1 + id %% %(count)s],
                       %(uom)s, 1,
                       CASE WHEN id %% 5 = 0 THEN round(amount_untaxed / 0.9, 2)
                            ELSE amount_untaxed END,
                       CASE WHEN id %% 5 = 0 THEN 10 ELSE 0 END,
                       amount_untaxed, amount_untaxed, 0, 0, 'sale', company_id,
                       currency_id, partner_id, 10, 'to invoice',
                       create_date, create_date, 1, 1
                  FROM sale_order WHERE name LIKE 'V%%/%%'
             RETURNING 1
            )
            SELECT count(*) FROM line
            """,
            mark=MARK,
            products=product_ids,
            count=len(product_ids),
            uom=env.ref("uom.product_uom_unit").id,
        )
    )


def make_invoices(env):
    """Invoice every third order; of these, four fifths are paid and a few credited."""
    company = env.company
    journals = env["account.journal"].search([("company_id", "=", company.id)])
    accounts = {
        kind: env["account.account"].search(
            [("account_type", "=", kind), ("company_ids", "in", company.ids)], limit=1
        )
        for kind in ("asset_receivable", "income", "asset_cash")
    }
    names = {
        "company": company.id,
        "currency": company.currency_id.id,
        "sales": journals.filtered(lambda journal: journal.type == "sale")[:1].id,
        "bank": journals.filtered(lambda journal: journal.type == "bank")[:1].id,
        "receivable": accounts["asset_receivable"].id,
        "income": accounts["income"].id,
        "cash": accounts["asset_cash"].id,
    }
    for statement in (MOVES, MOVE_LINES, PAYMENTS, PAYMENT_LINES, RECONCILIATIONS):
        env.cr.execute(SQL(statement, **names))  # pylint: disable=sql-injection
        settle(env, "account_move", "account_move_line", "account_partial_reconcile")


MOVES = """
    INSERT INTO account_move (name, state, move_type, auto_post, partner_id,
           commercial_partner_id, journal_id, currency_id, company_id, date,
           invoice_date, invoice_date_due, invoice_currency_rate, amount_untaxed,
           amount_tax, amount_total, amount_residual, amount_untaxed_signed,
           amount_tax_signed, amount_total_signed, amount_total_in_currency_signed,
           amount_untaxed_in_currency_signed, amount_residual_signed, payment_state,
           invoice_origin, create_date, write_date, create_uid, write_uid)
    SELECT 'VI/' || id, 'posted', CASE WHEN sign > 0 THEN 'out_invoice'
           ELSE 'out_refund' END, 'no', partner_id, partner_id, %(sales)s, %(currency)s,
           %(company)s, day, day, day + 30, 1, amount_untaxed, 0, amount_untaxed,
           open * amount_untaxed, sign * amount_untaxed, 0, sign * amount_untaxed,
           sign * amount_untaxed, sign * amount_untaxed, sign * open * amount_untaxed,
           CASE WHEN open = 1 THEN 'not_paid' ELSE 'paid' END, name,
           now(), now(), 1, 1
      FROM (SELECT *, date_order::date AS day,
                   CASE WHEN id %% 60 = 0 THEN -1 ELSE 1 END AS sign,
                   CASE WHEN id %% 15 IN (0, 3, 6)
                          OR date_order > now() - interval '40 d'
                   THEN 1 ELSE 0 END AS open
              FROM sale_order
             WHERE name LIKE 'V%%/%%' AND id %% 3 = 0) invoiced
"""
MOVE_LINES = """
    INSERT INTO account_move_line (move_id, journal_id, company_id, currency_id,
           partner_id, account_id, display_type, parent_state, date, date_maturity,
           name, move_name, balance, amount_currency, debit, credit, amount_residual,
           amount_residual_currency, reconciled, quantity, sequence,
           create_date, write_date, create_uid, write_uid)
    SELECT move.id, journal_id, company_id, currency_id, partner_id, account, kind,
           'posted', date, invoice_date_due, move.name, move.name,
           side * amount_total_signed, side * amount_total_signed,
           GREATEST(side * amount_total_signed, 0),
           GREATEST(-side * amount_total_signed, 0),
           CASE WHEN side = 1 THEN amount_residual_signed ELSE 0 END,
           CASE WHEN side = 1 THEN amount_residual_signed ELSE 0 END,
           side = 1 AND amount_residual_signed = 0, 1, 10,
           move.create_date, move.create_date, 1, 1
      FROM account_move move
     CROSS JOIN (VALUES (1, 'payment_term', %(receivable)s),
                        (-1, 'product', %(income)s)) line (side, kind, account)
     WHERE move.name LIKE 'VI/%%'
"""
# One entry of the bank a day; early payers, punctual and late ones.
PAYMENTS = """
    INSERT INTO account_move (name, state, move_type, auto_post, journal_id,
           currency_id, company_id, date, amount_total, create_date, write_date,
           create_uid, write_uid)
    SELECT 'VP/' || day, 'posted', 'entry', 'no', %(bank)s, %(currency)s, %(company)s,
           day, 0, now(), now(), 1, 1
      FROM (SELECT DISTINCT invoice_date + 15 + id %% 41 AS day FROM account_move
             WHERE name LIKE 'VI/%%' AND payment_state = 'paid'
               AND move_type = 'out_invoice') days
"""
PAYMENT_LINES = """
    INSERT INTO account_move_line (move_id, journal_id, company_id, currency_id,
           partner_id, account_id, display_type, parent_state, date, name, move_name,
           ref, balance, amount_currency, debit, credit, amount_residual,
           amount_residual_currency, reconciled, quantity, sequence,
           create_date, write_date, create_uid, write_uid)
    SELECT entry.id, entry.journal_id, entry.company_id, entry.currency_id,
           line.partner_id, line.account_id, 'payment_term', 'posted', entry.date,
           entry.name, entry.name, line.id::text, -line.balance, -line.balance, 0,
           line.balance, 0, 0, true, 1, 10, now(), now(), 1, 1
      FROM account_move invoice
      JOIN account_move_line line ON line.move_id = invoice.id AND line.balance > 0
      JOIN account_move entry
        ON entry.name = 'VP/' || (invoice.invoice_date + 15 + invoice.id %% 41)
     WHERE invoice.name LIKE 'VI/%%' AND invoice.payment_state = 'paid'
       AND invoice.move_type = 'out_invoice';
    INSERT INTO account_move_line (move_id, journal_id, company_id, currency_id,
           account_id, display_type, parent_state, date, name, move_name, balance,
           amount_currency, debit, credit, amount_residual, amount_residual_currency,
           reconciled, quantity, sequence, create_date, write_date,
           create_uid, write_uid)
    SELECT entry.id, %(bank)s, %(company)s, %(currency)s, %(cash)s, 'product',
           'posted', entry.date, entry.name, entry.name, sum(line.credit),
           sum(line.credit), sum(line.credit), 0, 0, 0, false, 1, 20, now(), now(), 1, 1
      FROM account_move entry JOIN account_move_line line ON line.move_id = entry.id
     WHERE entry.name LIKE 'VP/%%' GROUP BY entry.id
"""
RECONCILIATIONS = """
    INSERT INTO account_partial_reconcile (debit_move_id, credit_move_id, company_id,
           debit_currency_id, credit_currency_id, amount, debit_amount_currency,
           credit_amount_currency, max_date, create_date, write_date,
           create_uid, write_uid)
    SELECT line.ref::int, line.id, %(company)s, %(currency)s, %(currency)s, line.credit,
           line.credit, line.credit, line.date, now(), now(), 1, 1
      FROM account_move entry JOIN account_move_line line ON line.move_id = entry.id
     WHERE entry.name LIKE 'VP/%%' AND line.credit > 0
"""


def make_mailings(env):
    """One mailing to all; two of five opened it, one of ten clicked."""
    mailing = env["mailing.mailing"].create(
        {
            "subject": MARK,
            "mailing_model_id": env["ir.model"]._get_id("res.partner"),
            "mailing_domain": "[]",
        }
    )
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            INSERT INTO mailing_trace (res_id, partner_id, model, trace_type,
                   mass_mailing_id, email, trace_status, is_test_trace, sent_datetime,
                   open_datetime, links_click_datetime, crm_click_date,
                   create_date, write_date, create_uid, write_uid)
            SELECT id, id, 'res.partner', 'mail', %(mailing)s, email,
                   CASE WHEN id %% 5 < 2 THEN 'open' ELSE 'sent' END, false, sent,
                   CASE WHEN id %% 5 < 2 THEN sent + (id %% 60) * interval '1 h' END,
                   CASE WHEN id %% 10 = 0 THEN sent + (id %% 60) * interval '1 h' END,
                   CASE WHEN id %% 10 = 0 THEN sent + (id %% 60) * interval '1 h' END,
                   sent, now(), 1, 1
              FROM (SELECT id, email, now() - interval '9 d' AS sent FROM res_partner
                     WHERE name LIKE %(mark)s || ' %%') receiver
            """,
            mailing=mailing.id,
            mark=MARK,
        )
    )

"""Fill a database with customers and their orders, by SQL: a million in minutes.

Buying is like that of the BG/NBD model: each customer has a rate and a chance to drop
out, so that some buy once and some for years. The same seed makes the same customers.
"""

from odoo.tools import SQL

MARK = "Volume"


def fill(env, customers, orders_each=5, seed=0.42):
    """Make ``customers`` customers with ``orders_each`` confirmed orders on average.

    :return: number of customers and of orders there are now
    """
    env.flush_all()
    env.execute_query(SQL("SELECT setseed(%s)", seed))
    make_customers(env, customers)
    make_orders(env, orders_each)
    env.invalidate_all()
    # No ANALYZE inside a transaction that others wait for: statistics come at once.
    env.cr.commit()
    env.cr.execute("ANALYZE res_partner, sale_order")
    env.cr.commit()
    mine = [("partner_id.name", "=like", f"{MARK} %")]
    return customers, env["sale.order"].search_count(mine)


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

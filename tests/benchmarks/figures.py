"""The figures of the benchmark: each a ratio measured side by side in one run."""

import statistics
import time
from typing import NamedTuple

from odoo.fields import Command, Domain
from odoo.tools import SQL

CONFIRMATIONS = 60
TIMELINES = (10, 10_000)
SEGMENT_DOMAIN = "[('order_count', '>=', 3), ('revenue_12m', '>', 100)]"
SEGMENT_SQL = """
    SELECT count(*) FROM crm_customer_profile
     WHERE order_count >= 3 AND revenue_12m > 100
"""
# The figures of the profile in one statement, as one would write it by hand.
PROFILE_SQL = """
    CREATE TEMP TABLE plain_profile ON COMMIT DROP AS
    SELECT customer.partner_id, partner.country_id, partner.user_id, orders.*,
           events.*, leads.count AS lead_count
      FROM crm_customer_profile customer
      JOIN res_partner partner ON partner.id = customer.partner_id
      LEFT JOIN (
        SELECT contact.commercial_partner_id AS id, min(date_order), max(date_order),
               count(*) AS order_count, sum(amount_untaxed / currency_rate) AS revenue,
               sum(amount_untaxed / currency_rate)
                   FILTER (WHERE date_order > now() - interval '12 months') AS recent,
               avg(amount_untaxed / currency_rate) AS basket
          FROM sale_order JOIN res_partner contact ON contact.id = partner_id
         WHERE sale_order.state = 'sale' GROUP BY 1) orders ON orders.id = partner.id
      LEFT JOIN (
        SELECT event.partner_id AS event_partner, count(*) AS event_count,
               max(date) AS last_event,
               count(*) FILTER (WHERE type.code = 'mailing_sent') AS sent,
               count(*) FILTER (WHERE type.code = 'mailing_clicked') AS clicked
          FROM crm_customer_event event
          JOIN crm_customer_event_type type ON type.id = event.type_id
         GROUP BY 1) events ON events.event_partner = partner.id
      LEFT JOIN (
        SELECT partner_id AS lead_partner, count(*) FROM crm_lead
         WHERE active AND won_status = 'pending' GROUP BY 1) leads
        ON leads.lead_partner = partner.id
"""


class Figure(NamedTuple):
    """What was measured, what it should be and against what it stands."""

    value: float
    goal: float | None
    unit: str
    against: str
    better: str = "lower"


def timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure_capture(env, orders):
    """Read the history of the orders into customer events."""
    seconds = timed(env["crm.customer.event.type"]._cron_backfill)
    env.cr.commit()
    count = env["crm.customer.event"].search_count([])
    return {
        "events_of_the_history_per_second": Figure(
            count / seconds, None, "events/s", f"{orders} orders", "higher"
        )
    }


def refresh_all(env):
    while env["crm.customer.profile"]._refresh():
        env.cr.commit()


def measure_profiles(env, customers):
    """Refresh every profile, and compute the same by one plain statement."""
    refresh_all(env)
    env["crm.customer.profile"]._make_all_stale()
    env.cr.commit()
    ours = timed(lambda: refresh_all(env))
    plain = timed(lambda: env.cr.execute(PROFILE_SQL))
    env.cr.commit()
    return {
        "full_refresh_to_plain_sql": Figure(
            ours / plain, 1.5, "times", "one hand-written statement"
        ),
        "profiles_per_second": Figure(
            customers / ours, None, "profiles/s", f"{customers} customers", "higher"
        ),
    }


def measure_segment(env):
    """Refresh a segment that did not change, and count its condition in SQL."""
    segment = env["crm.segment"].create(
        {"name": "Benchmark", "domain": SEGMENT_DOMAIN, "company_id": env.company.id}
    )
    segment._refresh_members()
    env.cr.commit()
    ours = min(timed(segment._refresh_members) for _round in range(3))
    plain = min(timed(lambda: env.cr.execute(SEGMENT_SQL)) for _round in range(3))
    env.cr.commit()
    return {
        "segment_refresh_to_count": Figure(
            ours / plain, 1.3, "times", "SELECT count(*) of the same condition"
        )
    }


def measure_incremental(env):
    """Confirm a thousand orders: until profiles and segments are right again."""
    customers = env["res.partner"].search([("name", "=like", "Volume %")], limit=1000)
    orders = env["sale.order"].create(
        [{"partner_id": customer.id, "state": "sale"} for customer in customers]
    )
    env.flush_all()
    segments = env["crm.segment"].search([("kind", "=", "dynamic")])

    def catch_up():
        env["crm.customer.event.type"]._capture("order_confirmed", orders)
        refresh_all(env)
        segments._refresh_members()
        env.cr.commit()

    return {
        "thousand_orders_until_right_again": Figure(
            timed(catch_up), 5.0, "s", f"{len(segments)} segments refreshed as well"
        )
    }


def measure_timeline(env):
    """Open the 360 view of a customer with few and with many events."""
    seconds = {}
    for count in TIMELINES:
        partner = env["res.partner"].create({"name": f"Timeline {count}"})
        env["crm.consent.purpose"].flush_model()
        env.execute_query(
            SQL(
                """
                INSERT INTO crm_consent_log (partner_id, purpose_id, channel, granted,
                                             date)
                SELECT %s, %s, 'email', true, now() - make_interval(hours => number)
                  FROM generate_series(1, %s) number RETURNING id
                """,
                partner.id,
                env.ref("crm_lifecycle.crm_consent_purpose_marketing").id,
                count,
            )
        )
        event_type = env.ref("crm_lifecycle.crm_customer_event_type_consent_given")
        event_type._insert_events(Domain("partner_id", "=", partner.id))
        env["crm.customer.profile"]._refresh(partner)
        env.cr.commit()
        profile_id = partner.crm_profile_id.id

        def open_view(profile_id=profile_id):
            env.invalidate_all()
            env["crm.customer.profile"].get_customer_360(profile_id)

        open_view()
        seconds[count] = statistics.median(timed(open_view) for _round in range(15))
    few, many = TIMELINES
    return {
        "view_of_10000_events_to_10": Figure(
            seconds[many] / seconds[few], 1.2, "times", "the 360 view at 10 events"
        )
    }


def confirm_orders(env):
    """Confirm orders one by one; return median seconds and queries of one."""
    product = env["product.product"].create(
        {"name": "Benchmark", "type": "service", "list_price": 10, "taxes_id": False}
    )
    partners = env["res.partner"].create(
        [{"name": f"Buyer {number}"} for number in range(CONFIRMATIONS)]
    )
    orders = env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
            for partner in partners
        ]
    )
    env.flush_all()
    seconds, queries = [], []
    for order in orders:
        env.invalidate_all()
        before = env.cr.sql_log_count
        seconds.append(timed(lambda order=order: confirm(env, order)))
        queries.append(env.cr.sql_log_count - before)
    env.cr.rollback()
    return statistics.median(seconds), statistics.median(queries)


def confirm(env, order):
    order.action_confirm()
    env.flush_all()
    env.cr.precommit.run()


def compare_confirmations(stock, suite, rounds=3):
    """Confirm orders with and without our addons, in turns."""
    plain = [confirm_orders(stock) for _round in range(rounds)]
    ours = [confirm_orders(suite) for _round in range(rounds)]
    return {
        "order_confirmation_to_stock": Figure(
            min(ours)[0] / min(plain)[0], 1.1, "times", "stock Odoo"
        ),
        "queries_more_per_confirmation": Figure(
            ours[-1][1] - plain[-1][1], 5, "queries", "stock Odoo"
        ),
    }

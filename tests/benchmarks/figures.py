"""The figures of the benchmark: each a ratio measured side by side in one run."""

import ctypes
import gc
import statistics
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

from odoo.fields import Command, Domain
from odoo.tools import SQL

CONFIRMATIONS = 200
TIMELINES = (10, 10_000)
SEGMENT_DOMAIN = "[('order_count', '>=', 3), ('revenue_12m', '>', 100)]"
SEGMENT_SQL = """
    SELECT count(*) FROM crm_customer_profile
     WHERE order_count >= 3 AND revenue_12m > 100
"""
# The figures of the profile in one statement, as one would write it by hand.
PLAIN_PROFILE = Path(__file__).with_name("plain_profile.sql")
# Columns that must agree between the two, so that the same is computed.
COMPARED = (
    "order_count",
    "revenue",
    "margin",
    "favourite_category_id",
    "favourite_product_id",
    "discounted_share",
    "open_amount",
    "mean_days_late",
    "event_count",
    "click_rate",
    "last_contact_by_customer",
    "lifecycle_stage",
)
OUTSIDE_EVENTS, OUTSIDE_BATCH = 100_000, 1_000


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


def refresh_stale(env):
    """Refresh the stale profiles and the segments they belong to, as the job does."""
    while profile_ids := env["crm.customer.profile"]._refresh_stale():
        env["crm.segment"]._update_members(profile_ids)
        env.cr.commit()


def refresh_all(env):
    """Run the nightly refresh of all profiles; return how many had changed."""
    return env["crm.customer.profile"]._refresh_all()


def change_some(env, share=0.01):
    """Confirm an order of some customers behind the back of the event types."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO sale_order (name, partner_id, partner_invoice_id,
                   partner_shipping_id, company_id, currency_id, currency_rate, state,
                   date_order, amount_untaxed, amount_tax, amount_total)
            SELECT 'V-later', profile.partner_id, profile.partner_id,
                   profile.partner_id, profile.company_id,
                   company.currency_id, 1, 'sale', now(), 10, 0, 10
              FROM crm_customer_profile profile
              JOIN res_company company ON company.id = profile.company_id
             WHERE random() < %s
            """,
            share,
        )
    )
    env.cr.commit()


def plain_statement(env):
    """Return the hand-written statement with the ids of the event types."""
    profile = env["crm.customer.profile"]
    ids, contact = profile._get_contact_type_ids(), profile._get_contact_events()

    def by(whom):
        codes = [code for code, (_, who) in contact.items() if who == whom]
        return ",".join(str(ids[code]) for code in codes if code in ids)

    return PLAIN_PROFILE.read_text().format(
        **ids, by_us=by("us"), by_customer=by("customer")
    )


def count_differences(env):
    """Return how many profiles differ from the hand-written figures."""
    # Float columns hold no more than fifteen digits.
    differs = SQL(" OR ").join(
        SQL(
            "round(COALESCE(profile.%s, 0)::numeric, 6) "
            "<> round(COALESCE(plain.%s, 0)::numeric, 6)",
            SQL.identifier(name),
            SQL.identifier(name),
        )
        if env["crm.customer.profile"]._fields[name].type != "selection"
        and not name.startswith("last_")
        else SQL(
            "profile.%s IS DISTINCT FROM plain.%s",
            SQL.identifier(name),
            SQL.identifier(name),
        )
        for name in COMPARED
    )
    [(count,)] = env.execute_query(
        SQL(
            """
            SELECT count(*) FROM crm_customer_profile profile
              JOIN plain_profile plain USING (partner_id, company_id) WHERE %s
            """,
            differs,
        )
    )
    return count


def forget_memory_peak():
    """Give back what filling the database took, and forget its peak (Linux)."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")


def get_memory_peak():
    """Return the most memory the process has held since then, in MB."""
    status = Path("/proc/self/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def measure_first_fill(env):
    """Fill all profiles for the first time; return the seconds."""
    env.cr.execute("ANALYZE crm_customer_event, crm_customer_profile_refresh")
    env.cr.commit()
    seconds = timed(lambda: refresh_all(env))
    env.cr.execute("ANALYZE crm_customer_profile")
    env.cr.commit()
    return seconds


def measure_profiles(env, customers):
    """Refresh every profile, and compute the same by one plain statement."""
    forget_memory_peak()
    first = measure_first_fill(env)
    statement = plain_statement(env)
    plain, nightly = [], []
    for _round in range(2):
        change_some(env)
        plain.append(timed(lambda: run_plain(env, statement)))
        nightly.append(timed(lambda: refresh_all(env)))
    differences = count_differences(env)
    if differences:
        raise AssertionError(f"{differences} profiles differ from plain SQL.")
    env.cr.execute("DROP TABLE plain_profile")
    env.cr.commit()
    memory = get_memory_peak()
    return {
        "full_refresh_to_plain_sql": Figure(
            min(nightly) / min(plain), 1.5, "times", "one hand-written statement"
        ),
        "first_fill_to_plain_sql": Figure(
            first / min(plain), None, "times", "one hand-written statement"
        ),
        "full_refresh_seconds": Figure(
            min(nightly), None, "s", f"{customers} customers, one in a hundred changed"
        ),
        "plain_sql_seconds": Figure(min(plain), None, "s", f"{customers} customers"),
        "first_fill_seconds": Figure(first, None, "s", f"{customers} customers"),
        "profiles_per_second": Figure(
            customers / min(nightly), None, "profiles/s", "full refresh", "higher"
        ),
        "memory_of_python": Figure(
            memory, 500, "MB", "peak while refreshing, two databases open in it"
        ),
    }


def run_plain(env, statement):
    env.cr.execute("DROP TABLE IF EXISTS plain_profile")
    env.cr.execute(statement)
    env.cr.commit()


def measure_segment(env):
    """Refresh a segment that did not change, and count its condition in SQL."""
    segment = env["crm.segment"].create(
        {"name": "Benchmark", "domain": SEGMENT_DOMAIN, "company_id": env.company.id}
    )
    segment._refresh_members()
    env.cr.commit()
    ours, plain = [], []
    for _round in range(10):
        plain.append(timed(lambda: env.cr.execute(SEGMENT_SQL)))
        ours.append(timed(segment._refresh_members))
    ours, plain = min(ours), min(plain)
    env.cr.commit()
    return {
        "segment_refresh_to_count": Figure(
            ours / plain, 1.3, "times", "SELECT count(*) of the same condition"
        ),
        "segment_refresh_more_than_count": Figure(
            1000 * (ours - plain), None, "ms", "the same, whatever the size"
        ),
    }


def measure_incremental(env):
    """Confirm a thousand orders: until profiles and segments are right again.

    Moving between segments is an event, which makes profiles stale once more.
    """
    customers = env["res.partner"].search([("name", "=like", "Volume %")], limit=1000)
    orders = env["sale.order"].create(
        [{"partner_id": customer.id, "state": "sale"} for customer in customers]
    )
    env.flush_all()
    segments = env["crm.segment"].search([("kind", "=", "dynamic")])
    segments._refresh_members()
    env.cr.commit()
    refresh_all(env)
    env.cr.execute("ANALYZE crm_segment_member, crm_customer_event")
    env.cr.commit()

    def catch_up():
        env["crm.customer.event.type"]._capture("order_confirmed", orders)
        env.cr.commit()
        refresh_stale(env)

    return {
        "thousand_orders_until_right_again": Figure(
            timed(catch_up), 5.0, "s", f"{len(segments)} segments right as well"
        )
    }


def measure_intake(env, events=OUTSIDE_EVENTS):
    """Take events of a web shop in batches as the endpoint does, twice.

    One in twenty is of somebody new, of whom a contact is made.
    """
    env.execute_query(
        SQL(
            "UPDATE res_partner SET email_normalized = email"
            " WHERE name LIKE 'Volume %%' RETURNING id"
        )
    )
    source = env["crm.outside.source"].create(
        {"name": "Shop", "user_id": env.uid, "rate_limit": 0}
    )
    people = env["res.partner"].search_count([("name", "=like", "Volume %")])
    batches = [
        [
            prepare_outside_event(number, people)
            for number in range(start, start + OUTSIDE_BATCH)
        ]
        for start in range(0, events, OUTSIDE_BATCH)
    ]
    env.cr.commit()
    env.cr.execute("ANALYZE res_partner")

    def send():
        for batch in batches:
            env["crm.outside.event"]._receive(source, batch)
            env.cr.commit()
            env.invalidate_all()

    first, again = timed(send), timed(send)
    taken = env["crm.outside.event"].search_count([("source_id", "=", source.id)])
    if taken != events:
        raise ValueError(f"{events} events sent twice became {taken}.")
    size = f"{events} in batches of {OUTSIDE_BATCH}"
    return {
        "outside_events_per_second": Figure(
            events / first, None, "events/s", size, "higher"
        ),
        "outside_events_sent_again_per_second": Figure(
            events / again, None, "events/s", f"{size}, none is added", "higher"
        ),
    }


def prepare_outside_event(number, people):
    newcomer = number % 20 == 0
    email = f"new{number}" if newcomer else f"c{1 + number * 7 % people}"
    return {
        "key": f"order-{number}",
        "type": "outside_order",
        "email": f"{email}@example.com",
        "name": f"Order {number}",
        "value": number % 200,
    }


def measure_timeline(env):
    """Open the 360 view of a customer with few and with many events, in turns."""
    profile_ids = [make_timeline(env, count) for count in TIMELINES]
    seconds = {profile_id: [] for profile_id in profile_ids}

    def open_view(profile_id):
        env.invalidate_all()
        env["crm.customer.profile"].get_customer_360(profile_id)

    for _round in range(30):
        for profile_id in profile_ids:
            work = partial(open_view, profile_id)
            seconds[profile_id].append(timed(work))
    few, many = (statistics.median(seconds[profile_id]) for profile_id in profile_ids)
    return {
        "view_of_10000_events_to_10": Figure(
            many / few, 1.2, "times", "the 360 view at 10 events"
        )
    }


def make_timeline(env, count):
    """Make a customer with ``count`` events; return the id of its profile."""
    partner = env["res.partner"].create({"name": f"Timeline {count}"})
    env["crm.consent.purpose"].flush_model()
    env.execute_query(
        SQL(
            """
            INSERT INTO crm_consent_log (partner_id, kind, purpose_id, channel,
                                         granted, date)
            SELECT %s, 'decision', %s, 'email', true,
                   now() - make_interval(hours => number)
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
    env.cr.execute("ANALYZE crm_customer_event")
    env.cr.commit()
    return partner.crm_profile_id.id


def make_orders(env):
    """Make quotations to confirm; nothing of them is kept."""
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
    return orders


def confirm_next(env, order):
    """Confirm one order; return its seconds and queries."""
    env.invalidate_all()
    before = env.cr.sql_log_count
    seconds = timed(lambda: confirm(env, order))
    return seconds, env.cr.sql_log_count - before


def confirm(env, order):
    order.action_confirm()
    env.flush_all()
    env.cr.precommit.run()


def compare_confirmations(stock, suite):
    """Confirm orders with and without our addons, one here and one there.

    What else the machine does in a second disturbs both alike.
    """
    measured = {stock: [], suite: []}
    for pair in zip(make_orders(stock), make_orders(suite), strict=True):
        for env, order in zip((stock, suite), pair, strict=True):
            measured[env].append(confirm_next(env, order))
    stock.cr.rollback()
    suite.cr.rollback()
    plain, ours = (
        [statistics.median(column) for column in zip(*measured[env], strict=True)]
        for env in (stock, suite)
    )
    return {
        "order_confirmation_to_stock": Figure(
            ours[0] / plain[0], 1.1, "times", "stock Odoo, in turns"
        ),
        "queries_more_per_confirmation": Figure(
            ours[1] - plain[1], 5, "queries", "stock Odoo"
        ),
    }

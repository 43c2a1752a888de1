"""How long a board takes to open: for all customers, and for a salesperson's part."""

import statistics

from figures import Figure, timed

from odoo.fields import Command, Date

OPENED = 5


def measure_dashboards(env, customers):
    """Sum up the documents as every night, then open every board in several ways."""
    summaries = env["crm.document.summary.mixin"]
    seconds = timed(summaries._refresh_all)
    env["crm.customer.summary"]._refresh(env.company)
    env.cr.commit()
    # As the database does by itself after a bulk load.
    env.cr.connection.autocommit = True
    env.cr.execute("VACUUM ANALYZE crm_lead")
    env.cr.connection.autocommit = False
    if not sum(env["crm.customer.summary"].search([]).mapped("buyer_count")):
        raise AssertionError("The profiles know of no customer who bought.")
    manager = env.ref("base.user_admin")
    seller = find_seller(env)
    today = Date.today()
    days = {
        "date_from": str(Date.subtract(today, months=7, days=5)),
        "date_to": str(Date.subtract(today, days=20)),
    }
    against = f"{customers} customers"
    return {
        "summaries_seconds": Figure(
            seconds, None, "s", f"documents of {against} summed up by day"
        ),
        "dashboard_slowest_board_seconds": Figure(
            open_boards(env, manager), 1, "s", f"{against}, as manager"
        ),
        "dashboard_of_a_salesperson_seconds": Figure(
            open_boards(env, seller), 1, "s", "the same, cut by his rights"
        ),
        "dashboard_of_chosen_days_seconds": Figure(
            max(
                open_boards(env, user, company=env.company.id, **days)
                for user in (manager, seller)
            ),
            1,
            "s",
            "days within months and one company chosen, either user",
        ),
        "dashboard_of_five_years_seconds": Figure(
            open_boards(env, manager, months=60), 1, "s", f"{against}, as manager"
        ),
    }


def find_seller(env):
    """Return a salesperson to whom customers, leads and orders belong."""
    seller = env["res.users"].search([("login", "=", "bench_seller_0")])
    if seller:
        return seller
    return env["res.users"].create(
        {
            "name": "Seller",
            "login": "benchmark_seller",
            "group_ids": [
                Command.set(env.ref("sales_team.group_sale_salesman").ids),
                Command.link(env.ref("crm_lifecycle.crm_lifecycle_group_user").id),
            ],
        }
    )


def open_boards(env, user, **choices):
    """Return the time of the slowest board, the middle one of some openings."""
    dashboard = env["crm.dashboard"].with_user(user)
    times = {}
    for board in dashboard.get_boards()["boards"]:
        key = board["key"]
        times[key] = statistics.median(
            timed_afresh(env, lambda key=key: dashboard.get_dashboard(key, **choices))
            for _time in range(OPENED)
        )
    print(
        user.login,
        choices,
        {key: f"{seconds:.3f}" for key, seconds in times.items()},
        flush=True,
    )
    return max(times.values())


def timed_afresh(env, work):
    env.invalidate_all()
    return timed(work)

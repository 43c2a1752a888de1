"""How long the analyses of a night take, and how long a board takes to open."""

import statistics

from figures import Figure, timed

from odoo.fields import Command

OPENED = 5
KINDS = ("rfm", "clv", "churn", "retention")


def measure_dashboards(env):
    """Run the analyses, then open every board: as manager, and as a salesperson."""
    runs = env["crm.analytics.run"]
    seconds = {
        kind: timed(lambda kind=kind: runs.create({"kind": kind}).action_run())
        for kind in KINDS
    }
    env.cr.commit()
    customers = env["crm.customer.summary"].search([])
    if not sum(customers.mapped("buyer_count")):
        raise AssertionError("The analyses found no customer.")
    slowest = open_boards(env, env.ref("base.user_admin"))
    seller = env["res.users"].create(
        {
            "name": "Seller",
            "login": "benchmark_seller",
            "group_ids": [
                Command.set(env.ref("sales_team.group_sale_salesman").ids),
                Command.link(env.ref("crm_lifecycle.crm_lifecycle_group_user").id),
            ],
        }
    )
    own = open_boards(env, seller)
    return {
        "analyses_seconds": Figure(
            sum(seconds.values()), None, "s", "RFM, lifetime value, churn, retention"
        ),
        "rollback_seconds": Figure(
            timed(lambda: roll_back(runs)), None, "s", "results of an earlier run"
        ),
        "dashboard_slowest_board_seconds": Figure(
            slowest, 1, "s", "all customers, as manager"
        ),
        "dashboard_of_a_salesperson_seconds": Figure(
            own, 1, "s", "the same, cut by his rights"
        ),
    }


def open_boards(env, user):
    """Return the time of the slowest board, the middle one of some openings."""
    dashboard = env["crm.dashboard"].with_user(user)
    times = {}
    for board in dashboard.get_boards()["boards"]:
        key = board["key"]
        times[key] = statistics.median(
            timed_afresh(env, lambda key=key: dashboard.get_dashboard(key))
            for _time in range(OPENED)
        )
    print({key: f"{seconds:.3f}" for key, seconds in times.items()}, flush=True)
    return max(times.values())


def timed_afresh(env, work):
    env.invalidate_all()
    return timed(work)


def roll_back(runs):
    """Put the results of the run before the last one back onto all customers."""
    first = runs.search([("kind", "=", "rfm"), ("is_current", "=", True)])
    runs.create({"kind": "rfm"}).action_run()
    first.action_use_results()

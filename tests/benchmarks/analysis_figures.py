"""How long each analysis of a night takes, and how much memory it needs."""

from figures import Figure, forget_memory_peak, get_memory_peak, timed

from odoo.tools import SQL

PARAMETER = "crm_analytics.background_customers"
KINDS = (
    "rfm",
    "clv",
    "churn",
    "next_order",
    "retention",
    "affinity",
    "recommendation",
)


def measure_analyses(env, customers):
    """Run each analysis once, and put the results of an earlier run back.

    Yields the figures as they come: at a million customers it takes its time.
    """
    # They are waited for here, however many customers there are.
    env["ir.config_parameter"].set_param(PARAMETER, customers)
    runs = env["crm.analytics.run"]
    memory = {}
    for kind in KINDS:
        env.invalidate_all()
        forget_memory_peak()
        run = runs.create({"kind": kind})
        seconds = timed(run.action_run)
        memory[kind] = get_memory_peak()
        env.cr.commit()
        print(f"{kind}: {seconds:.1f} s, {memory[kind]:.0f} MB", flush=True)
        against = (
            f"{run.customer_count or customers} customers, computed and written; "
            f"{memory[kind]:.0f} MB"
        )
        yield {f"{kind}_seconds": Figure(seconds, None, "s", against)}
    against = "peak of the process, the largest analysis"
    yield {"analyses_memory": Figure(max(memory.values()), None, "MB", against)}
    yield {"attribution_seconds": measure_attribution(env)}
    seconds = timed(lambda: roll_back(runs))
    yield {"rollback_seconds": Figure(seconds, None, "s", "results of an earlier run")}


def measure_attribution(env):
    """Attribute all orders by the removal effect, learned from all touches."""
    campaigns = env["utm.campaign"].search([("title", "=like", "Volume %")])
    campaigns.write({"attribution_model": "last"})
    credits = env["crm.campaign.credit"]
    [(touches,)] = env.execute_query(
        SQL("SELECT count(*) FROM (%s) touch", credits._touches_to_sql())
    )
    env.cr.commit()
    seconds = timed(lambda: campaigns.write({"attribution_model": "removal"}))
    env.cr.commit()
    return Figure(
        seconds, None, "s", f"{touches} touches, {credits.search_count([])} credits"
    )


def roll_back(runs):
    """Put the results of the run before the last one back onto all customers."""
    first = runs.search([("kind", "=", "rfm"), ("is_current", "=", True)])
    runs.create({"kind": "rfm"}).action_run()
    first.action_use_results()

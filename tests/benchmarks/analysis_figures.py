"""How long each analysis of a night takes, and how much memory it needs."""

from figures import Figure, forget_memory_peak, get_memory_peak, timed

from odoo.tools import SQL

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
    """Run each analysis once, and put the results of an earlier run back."""
    runs = env["crm.analytics.run"]
    figures, memory = {}, {}
    for kind in KINDS:
        env.invalidate_all()
        forget_memory_peak()
        run = runs.create({"kind": kind})
        seconds = timed(run.action_run)
        memory[kind] = get_memory_peak()
        env.cr.commit()
        print(f"{kind}: {seconds:.1f} s, {memory[kind]:.0f} MB", flush=True)
        figures[f"{kind}_seconds"] = Figure(
            seconds,
            None,
            "s",
            f"{run.customer_count or customers} customers, computed and written; "
            f"{memory[kind]:.0f} MB",
        )
    figures["attribution_seconds"] = measure_attribution(env)
    figures["analyses_memory"] = Figure(
        max(memory.values()), None, "MB", "peak of the process, the largest analysis"
    )
    figures["rollback_seconds"] = Figure(
        timed(lambda: roll_back(runs)), None, "s", "results of an earlier run"
    )
    return figures


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

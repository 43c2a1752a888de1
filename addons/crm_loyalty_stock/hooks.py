def post_init_hook(env):
    """Warnings that are there watch late deliveries too."""
    env["crm.churn.warning"].with_context(active_test=False).search(
        [("state", "!=", "replay")]
    )._add_missing_signals()

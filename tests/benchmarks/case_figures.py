"""How fast service is with many open cases: the list, the queue, the sweep."""

from figures import Figure, timed

from odoo.tools import SQL

TEAMS, AGENTS = 10, 50
PULLS = 30
# One in so many cases is late when the sweep comes.
LATE = 20
LIST_FIELDS = [
    "number",
    "name",
    "partner_id",
    "severity",
    "team_id",
    "user_id",
    "date_due",
    "sla_state",
    "stage_id",
]


def measure_cases(env, number):
    """Fill in ``number`` open cases, half of them in queues, and work on them."""
    env = env(context={**env.context, "tracking_disable": True})
    agents = fill(env, number)
    agent = env(user=agents[0].id)
    page, urgent = read_list(agent, None), read_list(agent, "date_due, id")
    pull = sum(pull_next(env, each) for each in agents[:PULLS]) / PULLS
    sweep = timed(env["crm.sla.status"]._cron_mark_failed)
    left = env["crm.sla.status"].search_count(
        [("state", "=", "running"), ("deadline", "<", env.cr.now())]
    )
    if left:
        raise AssertionError(f"{left} late targets were not marked.")
    against = f"{number} open cases"
    return {
        "case_list_seconds": Figure(page, None, "s", f"80 of {against}"),
        "case_time_left_seconds": Figure(
            urgent, None, "s", f"80 of {against} by time left"
        ),
        "queue_pull_seconds": Figure(
            pull, None, "s", f"{against}, half of them queued"
        ),
        "sla_sweep_seconds": Figure(sweep, None, "s", f"{against}, 5 % of them late"),
    }


def fill(env, number):
    """Make teams, agents and open cases with a promise each, by SQL."""
    env["crm.sla.escalation"].search([]).active = False
    group = env.ref("crm_feedback.crm_feedback_group_user")
    agents = env["res.users"].create(
        [
            {
                "name": f"Agent {each}",
                "login": f"bench_agent_{each}",
                "group_ids": [(4, group.id)],
            }
            for each in range(AGENTS)
        ]
    )
    teams = env["crm.case.team"].create(
        [
            {
                "name": f"Queue {each}",
                "assignment": "manual",
                "member_ids": [(6, 0, agents[each::TEAMS].ids)],
            }
            for each in range(TEAMS)
        ]
    )
    env["crm.case.agent"].create(
        [{"user_id": each.id, "capacity": number} for each in agents]
    )
    policy = env["crm.sla.policy"].create({"name": "Bench", "resolution_hours": 40})
    stage = env["crm.case.stage"]._get_first()
    env.flush_all()
    env.execute_query(SQL(
        """
        INSERT INTO crm_case (
            name, number, active, case_type, company_id, channel, team_id, user_id,
            date_assigned, stage_id, stage_kind, severity, date_received,
            date_due, sla_policy_id, sla_state, routing_priority, create_uid,
            create_date)
        SELECT 'Case ' || n, 'B' || n, TRUE, 'question', %(company)s, 'email',
               (%(teams)s::int[])[1 + (n / 2) %% %(team_count)s],
               CASE WHEN n %% 2 = 0
                    THEN (%(agents)s::int[])[1 + (n / 2) %% %(agent_count)s] END,
               now() AT TIME ZONE 'UTC', %(stage)s, 'open', (n %% 4)::text,
               now() AT TIME ZONE 'UTC' - interval '1 day',
               now() AT TIME ZONE 'UTC' + make_interval(
                   mins => CASE WHEN n %% %(late)s = 0 THEN -1 ELSE 1 END * (1 + n)),
               %(policy)s, 'running', 0, 1, now() AT TIME ZONE 'UTC'
          FROM generate_series(1, %(number)s) n
     RETURNING id
        """,
        company=env.company.id, teams=teams.ids, team_count=TEAMS, agents=agents.ids,
        agent_count=AGENTS, stage=stage.id, late=LATE, policy=policy.id, number=number,
    ))  # fmt: skip
    env.execute_query(SQL(
        """
        INSERT INTO crm_sla_status (
            case_id, policy_id, company_id, team_id, user_id, target, hours,
            date_start, deadline, state, create_uid, create_date)
        SELECT id, sla_policy_id, company_id, team_id, user_id, 'resolution', 40,
               date_received, date_due, 'running', 1, create_date
          FROM crm_case WHERE sla_policy_id = %s
     RETURNING id
        """,
        policy.id,
    ))  # fmt: skip
    env.invalidate_all()
    env.cr.commit()
    env.cr.execute("ANALYZE crm_case, crm_sla_status")
    env.cr.commit()
    return agents


def read_list(env, order):
    """Return the seconds of a page of the list, the best of three."""
    domain = [("stage_kind", "in", ("open", "waiting"))]
    names = LIST_FIELDS + (["hours_left", "time_left_state"] if order else [])

    def read():
        env.invalidate_all()
        env["crm.case"].search(domain, order=order, limit=80).read(names)

    return min(timed(read) for _each in range(3))


def pull_next(env, agent):
    """Return the seconds in which an agent takes the next case."""
    env.invalidate_all()
    seconds = timed(env(user=agent.id)["crm.case"].action_next_case)
    env.cr.commit()
    return seconds

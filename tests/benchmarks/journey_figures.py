"""How fast journeys move on: all due at once, against a loop over records."""

from figures import Figure, timed

from odoo.fields import Command

PARTICIPANTS = 100_000
# Steps of the path below that each participant takes.
STEPS = 4
LOOPED = 500
DOMAIN = [("order_count", ">=", 3)]


def measure_journeys(env):
    """Let everybody enter a journey of steps that decide and change, and go through.

    Each decides by the profile, is split at random, gets a tag, and waits. The loop
    does the same for some of them, record by record through the ORM.
    """
    journey = draw(env)
    participants = env["crm.journey.participant"]
    customers = env["crm.customer.profile"].search([], limit=PARTICIPANTS).partner_id
    journey.action_enrol(customers[:1].ids)
    run_all(participants)
    entry = timed(lambda: journey.action_enrol(customers[1:].ids))
    env.cr.commit()
    looped = participants.search([("state", "=", "active")], limit=LOOPED, order="id")
    loop = timed(lambda: move_by_record(env, looped))
    env.cr.rollback()
    env.invalidate_all()
    count = len(customers) - 1
    seconds = timed(lambda: run_all(participants))
    done = env["crm.journey.trace"].search_count([("journey_id", "=", journey.id)])
    waiting = participants.search_count([("journey_id", "=", journey.id)])
    if (done, waiting) != ((count + 1) * (STEPS - 1), count + 1):
        raise AssertionError(f"{done} steps done for {waiting} participants.")
    per_second = STEPS * count / seconds
    loop_per_second = STEPS * LOOPED / loop
    journey.action_end()
    return {
        "journey_steps_per_second": Figure(
            per_second, 1000, "steps/s", f"{count} participants due at once", "higher"
        ),
        "journey_steps_to_record_loop": Figure(
            per_second / loop_per_second,
            None,
            "times",
            "a loop over records through the ORM",
            "higher",
        ),
        "journey_entries_per_second": Figure(
            count / entry, None, "entries/s", "entered by hand", "higher"
        ),
    }


def draw(env):
    tag = env["res.partner.category"].create({"name": "Benchmark"})
    journey = env["crm.journey"].create({"name": "Benchmark", "trigger": "manual"})
    version = env["crm.journey.version"].create({"journey_id": journey.id})
    branch, split, tagging, wait = env["crm.journey.step"].create(
        [
            {"version_id": version.id, **values}
            for values in (
                {"kind": "branch", "name": "If", "profile_domain": repr(DOMAIN)},
                {"kind": "split", "name": "Split"},
                {"kind": "tag", "name": "Tag", "tag_ids": [Command.set(tag.ids)]},
                {"kind": "wait", "name": "Wait", "wait_number": 30},
            )
        ]
    )
    for step, outcomes, target in (
        (branch, ("yes", "no"), split),
        (split, ("A", "B"), tagging),
        (tagging, ("next",), wait),
    ):
        for outcome in outcomes:
            step.action_connect(outcome, target.id)
    version.start_step_id = branch
    journey.action_start()
    env.cr.commit()
    return journey


def run_all(participants):
    """Advance as the scheduled action does, a commit per batch."""
    while participants._advance_batch():
        participants.env.cr.commit()


def move_by_record(env, participants):
    """Take the same steps one participant and one step at a time."""
    traces = env["crm.journey.trace"]
    profiles = env["crm.customer.profile"]
    for participant in participants:
        while participant.step_id and not participant.is_waiting:
            step = participant.step_id
            outcome = "next"
            if step.kind == "branch":
                profile = profiles.search(
                    [("partner_id", "=", participant.partner_id.id)], limit=1
                )
                outcome = "yes" if profile.filtered_domain(DOMAIN) else "no"
            elif step.kind == "split":
                outcome = "AB"[participant.id % 2]
            elif step.kind == "tag":
                participant.partner_id.category_id = [
                    Command.link(tag.id) for tag in step.tag_ids
                ]
            elif step.kind == "wait":
                participant.write({"is_waiting": True})
                continue
            edge = step.edge_ids.search(
                [("step_id", "=", step.id), ("outcome", "=", outcome)]
            )
            traces.create(
                {
                    "participant_id": participant.id,
                    "journey_id": participant.journey_id.id,
                    "company_id": participant.company_id.id,
                    "step_id": step.id,
                    "visit": participant.visit,
                    "outcome": outcome,
                    "date": env.cr.now(),
                }
            )
            participant.write(
                {"step_id": edge.target_id.id, "visit": participant.visit + 1}
            )
            env.flush_all()

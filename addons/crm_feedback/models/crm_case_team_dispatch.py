from collections import Counter

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

from ..case_dispatch import Agent, Request, choose

# Waiting cases that are sent on per team and transaction.
DRAIN_SIZE = 200


class CrmCaseTeamDispatch(models.Model):
    """Gives the cases of a queue to agents who are there and have room, and says why.

    What nobody can get waits; the queue is looked at when a case is closed, when an
    agent comes back and regularly.
    """

    _inherit = "crm.case.team"

    def _dispatch(self, cases):
        """Assign the cases of this team (or of none), the most pressing first."""
        desk = self._get_desk()
        now = fields.Datetime.now()
        chosen = {}
        for turn, case in enumerate(
            cases.sorted(lambda case: case._get_queue_key()), 1
        ):
            choice, request = None, case._get_request(self)
            assignment = case.routing_rule_id._get_assignment(self)
            if assignment != "manual" and desk:
                choice = choose(assignment, desk, request, now)
            case._note_choice(self, assignment, choice, desk)
            if choice and choice.agent:
                chosen[case] = choice.agent.key
                choice.agent.take(request, now, turn)
        for user_id, members in cases.filtered(chosen.get).grouped(chosen.get).items():
            members.write({"user_id": user_id})
        self._note_assignments(set(chosen.values()))

    def _note_assignments(self, user_ids):
        """Note when capped agents got a case: two transactions that give one agent
        cases at the same time conflict on it.
        """
        agents = self.env["crm.case.agent"].sudo().search([("user_id", "in", user_ids)])
        agents.date_assigned = fields.Datetime.now()

    def _get_desk(self):
        """Return the agents of the team, as the choice sees them."""
        users = self.member_ids.filtered("active")
        known = {
            agent.user_id: agent
            for agent in self.env["crm.case.agent"]
            .sudo()
            .search([("user_id", "in", users.ids)])
        }
        locked = self._lock_capped(known.values())
        facts = self._get_standing(users)
        absences = self.env["crm.case.agent"]._get_absences(users)
        return [
            self._prepare_agent(
                user, known.get(user), facts[user], absences.get(user.id, []), locked
            )
            for user in users
        ]

    def _get_myself(self):
        """Return the current user as the choice sees him; who asks is there."""
        agent = next(agent for agent in self._get_desk() if agent.key == self.env.uid)
        agent.away, agent.busy, agent.shifts, agent.absences = False, False, None, []
        return agent

    @api.model
    def _lock_capped(self, agents):
        """Lock those whose room is limited; another transaction has the others."""
        capped = self.env["crm.case.agent"].browse(
            agent.id for agent in agents if agent.capacity
        )
        if not capped:
            return capped
        try:
            with self.env.cr.savepoint():
                return capped.sudo().try_lock_for_update()
        except SerializationFailure:
            # They just got a case that this transaction does not see.
            return capped.browse()

    @api.model
    def _prepare_agent(self, user, record, standing, absences, locked):
        agent = Agent(
            user.id, load=standing["load"], last=standing["last"], absences=absences
        )
        agent.cases = standing["open"]
        if record:
            agent.capacity = record.capacity
            agent.levels = {
                line.skill_id.id: line.level for line in record.sudo().skill_ids
            }
            agent.away = record.presence == "away"
            agent.busy = bool(record.capacity) and record not in locked
            agent.shifts = record._get_shifts()
        languages = record.language_ids.mapped("code") if record else []
        agent.languages = frozenset(languages or [user.lang])
        return agent

    @api.model
    def _get_standing(self, users):
        """Return per user load, open cases and the moment of the last assignment."""
        loads = self.env["crm.case.agent"]._get_loads(users)
        last = self._get_last_assignments(users)
        result = {}
        for user in users:
            load, count, _late = loads.get(user.id, (0.0, 0, 0))
            result[user] = {"load": load, "open": count, "last": last.get(user.id)}
        return result

    @api.model
    def _get_last_assignments(self, users):
        self.env["crm.case"].flush_model(["user_id", "date_assigned"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT agent.id, (SELECT k.date_assigned FROM crm_case k
                                       WHERE k.user_id = agent.id
                                       ORDER BY k.date_assigned DESC NULLS LAST
                                       LIMIT 1)
                      FROM unnest(%s::int[]) AS agent(id)
                    """,
                    users.ids,
                )
            )
        )

    # ------------------------------------------------------------
    # Queue
    # ------------------------------------------------------------

    @api.model
    def _drain_for(self, users):
        """Send what waits in the queues of some users."""
        self.search([("member_ids", "in", users.ids)])._drain()

    def _drain(self):
        """Send what waits in the queues of these teams."""
        for team in self:
            waiting = team._get_waiting(DRAIN_SIZE)
            if waiting:
                team._dispatch(waiting)

    def _get_waiting(self, limit):
        """Return the first cases of the queue that are given out, locked."""
        pushed = self.assignment != "manual" or self.env[
            "crm.routing.rule"
        ].search_count(
            [
                ("team_id", "=", self.id),
                ("assignment", "not in", ("manual", "team")),
            ],
            limit=1,
        )
        if not pushed or not self._has_room():
            return self.env["crm.case"]
        cases = self.env["crm.case"].sudo()
        waiting = cases.search(
            cases._get_queue_domain(self), order=cases._QUEUE_ORDER, limit=limit
        )
        pushing = waiting.filtered(
            lambda case: case.routing_rule_id._get_assignment(self) != "manual"
        )
        try:
            with self.env.cr.savepoint():
                return pushing.try_lock_for_update()
        except SerializationFailure:
            return cases

    def _has_room(self):
        """Tell whether anybody could get a case now."""
        now, anything = fields.Datetime.now(), Request(weight=0.0)
        return any(not agent.why_not(anything, now) for agent in self._get_desk())

    # ------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------

    @api.model
    def _explain_refusals(self, choice, desk):
        """Return why some agents could not get a case (str)."""
        names = {user.id: user.name for user in self.member_ids}
        agents = {agent.key: agent for agent in desk}
        texts = {
            "skill": self.env._("%s lacks the skill"),
            "language": self.env._("%s does not speak the language"),
            "away": self.env._("%s is away"),
            "absent": self.env._("%s is absent"),
            "off": self.env._("%s is off shift"),
            "busy": self.env._("%s is just getting another case"),
        }
        reasons = []
        for key, reason in choice.refused.items():
            agent = agents[key]
            if reason == "full":
                reasons.append(
                    self.env._(
                        "%(agent)s is full (%(load)g of %(capacity)g)",
                        agent=names[key],
                        load=agent.load,
                        capacity=agent.capacity,
                    )
                )
            elif reason in texts:
                reasons.append(texts[reason] % names[key])
        if len(reasons) > 5:
            counts = Counter(choice.refused.values())
            return ", ".join(f"{count} {reason}" for reason, count in counts.items())
        return ", ".join(reasons)

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_drain(self):
        """Send on what absent agents have, and what waits in the queues."""
        teams = self.search([("member_ids", "!=", False)])
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(teams))
        for team in teams:
            team._take_from_absent()
            team._drain()
            if not cron._commit_progress(1):
                break

    def _take_from_absent(self):
        """Put the cases of absent members back into the queue, and send them on."""
        absent = self.env["crm.case.agent"]._get_absences(self.member_ids)
        cases = (
            self.env["crm.case"]
            .sudo()
            .search(
                [
                    ("team_id", "=", self.id),
                    ("user_id", "in", list(absent)),
                    ("stage_kind", "=", "open"),
                ],
                limit=DRAIN_SIZE,
            )
            .try_lock_for_update()
        )
        if cases:
            cases.write({"user_id": False})
            self._dispatch(cases)

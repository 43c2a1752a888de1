from collections import Counter, defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models

from ..case_dispatch import Arrival, Replay

# More cases of a span are not replayed: the first ones tell as much.
LIMIT = 20_000
# A case that is still open keeps its agent until after the span.
STILL_OPEN = timedelta(days=3650)


class CrmRoutingSimulation(models.TransientModel):
    """Sends the cases of a span again, as the rules say now and as this rule would.

    Nothing but this table is written.
    """

    _name = "crm.routing.simulation"
    _description = "Simulation of Routing"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    rule_id = fields.Many2one(
        "crm.routing.rule",
        "Rule to Try",
        domain="[('company_id', '=', company_id)]",
        context={"active_test": False},
        help="Counts as active, at its place in the order. Leave empty to replay the "
        "active rules.",
    )
    date_from = fields.Datetime(
        "From", required=True, default=lambda self: self._default_date_from()
    )
    date_to = fields.Datetime("To", required=True, default=fields.Datetime.now)
    line_ids = fields.One2many("crm.routing.simulation.line", "simulation_id")
    case_count = fields.Integer("Cases", readonly=True)
    matched_count = fields.Integer("Matched by the Rule", readonly=True)
    waiting_count = fields.Integer("Had to Wait", readonly=True)
    left_count = fields.Integer("Never Assigned", readonly=True)

    @api.model
    def _default_date_from(self):
        return fields.Datetime.now() - relativedelta(months=1)

    def action_run(self):
        """Replay the cases and show the counts beside those of what happened."""
        self.ensure_one()
        cases = self._get_cases()
        rules = (
            self.env["crm.routing.rule"]
            .sudo()
            ._get_rules(cases, self._get_rules_to_try())
        )
        places = {case: rules[case].team_id or case.team_id for case in cases}
        arrivals, by_hand = self._prepare_arrivals(cases, rules, places)
        replay = Replay(self._get_agents(cases, places))
        replay.run(arrivals.values())
        self.line_ids = [Command.clear()] + self._prepare_lines(
            cases, places, arrivals, by_hand
        )
        self.write(self._prepare_counts(cases, rules, arrivals, replay))
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Simulation of Routing"),
        }

    def _get_cases(self):
        return (
            self.env["crm.case"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("date_received", ">=", self.date_from),
                    ("date_received", "<", self.date_to),
                ],
                order="date_received, id",
                limit=LIMIT,
            )
        )

    def _get_rules_to_try(self):
        rules = self.env["crm.routing.rule"].sudo()
        active = rules.search([("company_id", "=", self.company_id.id)])
        return (active | self.rule_id.sudo()).sorted(
            lambda rule: (rule.sequence, rule.id)
        )

    def _prepare_arrivals(self, cases, rules, places):
        """Return what is to be sent to agents, and the cases taken by hand."""
        arrivals, by_hand = {}, cases.browse()
        for case in cases:
            rule, team = rules[case], places[case]
            assignment = rule._get_assignment(team)
            if assignment == "manual" or not team:
                by_hand |= case
                continue
            arrivals[case] = Arrival(
                case,
                case.date_received,
                self._get_duration(case),
                self._get_request(case, team, rule),
                assignment,
                rule.priority * 10 + int(case.severity),
            )
        return arrivals, by_hand

    def _get_request(self, case, team, rule):
        """Return what the case asks for; the team's agents only may get it."""
        request = case._get_request(team, rule)
        members = frozenset(team.member_ids.ids)
        allowed = members if request.allowed is None else members & request.allowed
        return request._replace(allowed=allowed)

    def _get_duration(self, case):
        if not case.date_closed:
            return STILL_OPEN
        return max(
            case.date_closed - (case.date_assigned or case.date_received), timedelta()
        )

    def _get_agents(self, cases, places):
        """Return the agents of all teams without cases, with the span's shifts."""
        teams = cases.team_id.browse({team.id for team in places.values()}).sudo()
        users = teams.member_ids.filtered("active")
        records = self.env["crm.case.agent"].sudo()
        known = {
            agent.user_id: agent
            for agent in records.search([("user_id", "in", users.ids)])
        }
        absences = records._get_absences(users, self.date_from, self.date_to)
        nothing = {"load": 0.0, "open": 0, "last": None}
        agents = []
        for user in users:
            record = known.get(user)
            agent = teams._prepare_agent(
                user, record, nothing, absences.get(user.id, []), records
            )
            agent.away = agent.busy = False
            if record:
                agent.shifts = record._get_shifts(self.date_from, self.date_to)
            agents.append(agent)
        return agents

    # ------------------------------------------------------------
    # Result
    # ------------------------------------------------------------

    def _prepare_lines(self, cases, places, arrivals, by_hand):
        tried, waits = Counter(), defaultdict(list)
        for case, arrival in arrivals.items():
            user_id = arrival.history[0][1] if arrival.history else False
            tried[places[case].id, user_id] += 1
            if arrival.history:
                wait = arrival.history[0][0] - arrival.moment
                waits[places[case].id, user_id].append(wait / timedelta(hours=1))
        tried.update((places[case].id, False) for case in by_hand)
        happened = Counter((case.team_id.id, case.user_id.id) for case in cases)
        return [
            Command.create(
                {
                    "team_id": team_id,
                    "user_id": user_id,
                    "tried_count": tried[team_id, user_id],
                    "happened_count": happened[team_id, user_id],
                    "wait_hours": sum(waits[team_id, user_id])
                    / max(len(waits[team_id, user_id]), 1),
                }
            )
            for team_id, user_id in sorted({*tried, *happened}, key=str)
        ]

    def _prepare_counts(self, cases, rules, arrivals, replay):
        waited = [
            arrival
            for arrival in arrivals.values()
            if not arrival.history or arrival.history[0][0] > arrival.moment
        ]
        return {
            "case_count": len(cases),
            "matched_count": sum(
                rules[case].id == self.rule_id.id for case in cases if self.rule_id
            ),
            "waiting_count": len(waited),
            "left_count": len(replay.queue),
        }

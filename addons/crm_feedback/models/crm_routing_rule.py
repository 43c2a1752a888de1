from ast import literal_eval
from datetime import datetime

from odoo import api, fields, models
from odoo.fields import Domain


class CrmRoutingRule(models.Model):
    """Sends the cases that match to a team and, there, to a person.

    Rules are asked in their order; the first that matches decides. A case that no
    rule matches stays with its team, else goes to the first team of its company, and
    is assigned in the team's own way.
    """

    _name = "crm.routing.rule"
    _description = "Routing Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="team_id.company_id", store=True, index=True)
    domain = fields.Char(
        "Cases",
        required=True,
        default="[]",
        help="The cases to which the rule applies.",
    )
    team_id = fields.Many2one(
        "crm.case.team", required=True, index=True, check_company=True
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Agents",
        domain="[('share', '=', False)]",
        help="Only these members of the team. Leave empty for all of them.",
        check_company=True,
    )
    assignment = fields.Selection(
        [
            ("team", "As the team does"),
            ("manual", "By hand"),
            ("round_robin", "In turn"),
            ("least_loaded", "Least loaded first"),
        ],
        required=True,
        default="team",
    )

    @api.model
    def _route(self, cases):
        """Give each case its team and, where assignment is automatic, its agent."""
        cases = cases.sudo()
        rules = self._get_rules(cases)
        for rule, members in cases.grouped(rules.get).items():
            for company, of_company in members.grouped("company_id").items():
                rule.with_company(company)._apply(of_company)

    @api.model
    def _get_rules(self, cases):
        """Return the first rule that matches each case (dict)."""
        left, result = cases, dict.fromkeys(cases, self.browse())
        for rule in self.search([("company_id", "in", cases.company_id.ids)]):
            if not left:
                break
            matched = left.filtered_domain(rule._get_domain())
            result.update(dict.fromkeys(matched, rule))
            left -= matched
        return result

    def _get_domain(self):
        self.ensure_one()
        domain = Domain(literal_eval(self.domain))
        return domain & Domain("company_id", "=", self.company_id.id)

    def _apply(self, cases):
        """Send the cases of one company where this rule (or none) wants them."""
        team, moved = self.team_id, cases.filtered(lambda case: not case.team_id)
        if team:
            moved = cases.filtered(lambda case: case.team_id != team)
        elif moved:
            team = self.env["crm.case.team"]._get_default(cases.company_id)
        if moved and team:
            moved.write({"team_id": team.id})
        cases.write({"routing_rule_id": self.id})
        for team, members in cases.grouped("team_id").items():
            self._assign(team, members)

    def _assign(self, team, cases):
        """Assign the cases of a team to agents, and note the reasons."""
        agents = self._get_agents(team)
        assignment = self._get_assignment(team)
        where = self._explain_team(team)
        if assignment == "manual" or not agents:
            cases.write(
                {"routing_note": f"{where}\n{self._explain_waiting(agents)}".strip()}
            )
            return
        chosen, reasons = self._choose_agents(assignment, agents, cases.sorted("id"))
        for agent, members in cases.grouped(chosen.get).items():
            members.write({"user_id": agent.id})
        for case, reason in reasons.items():
            case.routing_note = f"{where}\n{reason}"

    def _choose_agents(self, assignment, agents, cases):
        """Return the agent of each case and the reason (two dicts)."""
        standing = self._get_standing(agents)
        chosen, reasons = {}, {}
        for turn, case in enumerate(cases, 1):
            agent = min(agents, key=lambda each: self._rank(assignment, standing[each]))
            chosen[case] = agent
            reasons[case] = self._explain_agent(assignment, agent, standing[agent])
            standing[agent].update(
                open=standing[agent]["open"] + 1, last=fields.Datetime.now(), turn=turn
            )
        return chosen, reasons

    def _get_agents(self, team):
        members = team.member_ids.filtered("active")
        return members & self.user_ids if self.user_ids else members

    def _get_assignment(self, team):
        if self and self.assignment != "team":
            return self.assignment
        return team.assignment or "manual"

    @api.model
    def _get_standing(self, agents):
        """Return per agent the open cases, and the moment of the last assignment."""
        case = self.env["crm.case"].sudo()
        open_cases = dict(
            case._read_group(
                [
                    ("user_id", "in", agents.ids),
                    ("stage_kind", "in", ("open", "waiting")),
                ],
                ["user_id"],
                ["__count"],
            )
        )
        last = dict(
            case._read_group(
                [("user_id", "in", agents.ids)], ["user_id"], ["date_assigned:max"]
            )
        )
        return {
            agent: {
                "open": open_cases.get(agent, 0),
                "last": last.get(agent) or False,
                "turn": 0,
                "id": agent.id,
            }
            for agent in agents
        }

    @api.model
    def _rank(self, assignment, standing):
        """Return what to sort agents by; the smallest gets the next case."""
        # Datetimes have whole seconds: "turn" keeps the order within one batch.
        waited = (standing["turn"], standing["last"] or datetime.min)
        if assignment == "least_loaded":
            return (standing["open"], *waited, standing["id"])
        return (*waited, standing["id"])

    # ------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------

    def _explain_team(self, team):
        if self:
            return self.env._(
                "Rule “%(rule)s” sent it to %(team)s.", rule=self.name, team=team.name
            )
        if team:
            return self.env._(
                "No routing rule matched: it waits at %(team)s.", team=team.name
            )
        return self.env._("No routing rule matched and it has no team.")

    def _explain_waiting(self, agents):
        if agents:
            return self.env._("Cases are taken from the queue by hand.")
        return self.env._("Nobody can be assigned: the team has no matching member.")

    def _explain_agent(self, assignment, agent, standing):
        if assignment == "least_loaded":
            return self.env._(
                "%(agent)s had the fewest open cases: %(count)s.",
                agent=agent.name,
                count=standing["open"],
            )
        if not standing["last"]:
            return self.env._(
                "It was the turn of %(agent)s, who had no case yet.", agent=agent.name
            )
        return self.env._(
            "It was the turn of %(agent)s, whose last case came on %(date)s.",
            agent=agent.name,
            date=fields.Datetime.to_string(standing["last"]),
        )

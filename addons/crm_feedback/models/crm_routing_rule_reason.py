from odoo import fields, models


class CrmRoutingRuleReason(models.Model):
    """Says on each case why it went where it went."""

    _inherit = "crm.routing.rule"

    def _get_assignment(self, team):
        if self and self.assignment != "team":
            return self.assignment
        return team.assignment or "manual"

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

    def _explain_waiting(self, has_members):
        if has_members:
            return self.env._("Cases are taken from the queue by hand.")
        return self.env._("Nobody can be assigned: the team has no matching member.")

    def _explain_agent(self, assignment, name, choice, request):
        """Return why this agent, of those who were there and had room."""
        among = self.env._("%s could have got it.", choice.candidates)
        return (
            f"{self._explain_choice(assignment, name, choice.agent, request)} {among}"
        )

    def _explain_choice(self, assignment, name, agent, request):
        if assignment == "least_loaded":
            return self.env._(
                "%(agent)s had the fewest open cases: %(count)s.",
                agent=name,
                count=agent.cases,
            )
        if assignment == "most_skilled":
            return self.env._(
                "%(agent)s was the most skilled (%(skills)s), with %(count)s open "
                "cases.",
                agent=name,
                skills=self._explain_skills(agent, request),
                count=agent.cases,
            )
        if not agent.last:
            return self.env._(
                "It was the turn of %(agent)s, who had no case yet.", agent=name
            )
        return self.env._(
            "It was the turn of %(agent)s, whose last case came on %(date)s.",
            agent=name,
            date=fields.Datetime.to_string(agent.last),
        )

    def _explain_skills(self, agent, request):
        skills = self.env["crm.case.skill"].browse(sorted(request.skills))
        return ", ".join(
            f"{skill.name} {agent.levels.get(skill.id, 0)}" for skill in skills
        ) or self.env._("no skill is asked for")

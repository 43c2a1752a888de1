from datetime import timedelta

from odoo import api, fields, models


class CrmCaseTeamBoard(models.Model):
    """The supervisor's board: what each queue owes, and who works on it."""

    _inherit = "crm.case.team"

    waiting_count = fields.Integer(
        "Waiting for Customers", compute="_compute_board_counts"
    )
    due_soon_count = fields.Integer("Due in 1 Hour", compute="_compute_board_counts")
    board_agents = fields.Json(compute="_compute_board_agents")

    def _compute_board_counts(self):
        now = fields.Datetime.now()
        in_teams = [("team_id", "in", self.ids)]
        waiting = self._count_cases([*in_teams, ("stage_kind", "=", "waiting")])
        due_soon = self._count_cases(
            [
                *in_teams,
                ("stage_kind", "in", ("open", "waiting")),
                ("date_due", ">=", now),
                ("date_due", "<", now + timedelta(hours=1)),
            ]
        )
        for team in self:
            team.waiting_count = waiting.get(team, 0)
            team.due_soon_count = due_soon.get(team, 0)

    def _compute_board_agents(self):
        """Return load, room and presence of each member, the fullest first."""
        users = self.member_ids
        agents = self.env["crm.case.agent"].sudo()
        known = {
            agent.user_id: agent
            for agent in agents.search([("user_id", "in", users.ids)])
        }
        loads = agents._get_loads(users)
        absent = agents._get_absences(users)
        for team in self:
            rows = [
                self._prepare_board_agent(
                    user,
                    known.get(user),
                    loads.get(user.id, (0.0, 0, 0)),
                    user.id in absent,
                )
                for user in team.member_ids
            ]
            team.board_agents = sorted(
                rows, key=lambda row: (-row["load"], row["name"])
            )

    @api.model
    def _prepare_board_agent(self, user, agent, load, absent):
        presence = "absent" if absent else (agent and agent.presence) or "available"
        return {
            "id": user.id,
            "name": user.name,
            "load": load[0],
            "open": load[1],
            "late": load[2],
            "capacity": agent.capacity if agent else 0,
            "presence": presence,
        }

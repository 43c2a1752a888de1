from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class CrmCaseAgent(models.Model):
    """What routing knows about a user: presence, capacity, shifts, absences, skills.

    A user without it can get any number of cases at any time.
    """

    _name = "crm.case.agent"
    _description = "Service Agent"
    _order = "user_id"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(related="user_id.company_id", store=True, index=True)
    active = fields.Boolean(related="user_id.active", store=True)
    presence = fields.Selection(
        [("available", "Available"), ("away", "Away")],
        required=True,
        default="available",
        help="Away: no new cases; what the agent has stays with him.",
    )
    capacity = fields.Float(
        "Most Cases at a Time",
        digits=(6, 1),
        help="Cases count with the weight of their channel. 0: no limit.",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        "Shifts",
        help="Outside of them he gets no new case. Leave empty: at any time.",
    )
    language_ids = fields.Many2many(
        "res.lang", string="Languages", help="Leave empty for the user's own."
    )
    skill_ids = fields.One2many("crm.case.agent.skill", "agent_id", "Skills")
    absence_ids = fields.One2many("crm.case.absence", "agent_id", "Absences")
    team_ids = fields.Many2many(
        "crm.case.team", string="Teams", compute="_compute_team_ids"
    )
    date_assigned = fields.Datetime("Last Case on", readonly=True, copy=False)
    load = fields.Float(
        compute="_compute_load",
        compute_sudo=True,
        digits=(6, 1),
        help="Open cases, with the weights of their channels.",
    )
    open_count = fields.Integer(
        "Open Cases", compute="_compute_load", compute_sudo=True
    )
    late_count = fields.Integer("Late", compute="_compute_load", compute_sudo=True)
    is_absent = fields.Boolean("Absent Now", compute="_compute_is_absent")

    _user_uniq = models.UniqueIndex("(user_id)", "This user is an agent already.")
    _capacity_positive = models.Constraint(
        "CHECK (capacity >= 0)", "Give a capacity of zero or more."
    )

    def _compute_team_ids(self):
        teams = self.env["crm.case.team"].search(
            [("member_ids", "in", self.user_id.ids)]
        )
        for agent in self:
            agent.team_ids = teams.filtered(
                lambda team, agent=agent: agent.user_id in team.member_ids
            )

    def _compute_load(self):
        loads = self._get_loads(self.user_id)
        for agent in self:
            agent.load, agent.open_count, agent.late_count = loads.get(
                agent.user_id.id, (0.0, 0, 0)
            )

    def _compute_is_absent(self):
        absences = self._get_absences(self.user_id)
        for agent in self:
            agent.is_absent = agent.user_id.id in absences

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        agents = super().create(vals_list)
        agents._follow()
        return agents

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {
            "capacity",
            "language_ids",
            "presence",
            "resource_calendar_id",
            "skill_ids",
        }:
            self._follow()
        return result

    def _follow(self):
        """Send what waits: there may be more room now."""
        self.env["crm.case.team"].sudo()._drain_for(self.user_id)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_available(self):
        self._set_presence("available")

    def action_away(self):
        self._set_presence("away")

    def _set_presence(self, presence):
        """Let an agent say for himself, and a manager for anybody."""
        others = self.filtered(lambda agent: agent.user_id != self.env.user)
        if others and not self.has_access("write"):
            raise AccessError(
                self.env._("Only a manager can say that somebody else is there.")
            )
        self.sudo().write({"presence": presence})

    @api.model
    def switch_presence(self):
        """Let the current agent be away, or available again; return his presence."""
        agent = self.sudo().search([("user_id", "=", self.env.uid)], limit=1)
        agent._set_presence("away" if agent.presence == "available" else "available")
        return agent.presence or False

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action["context"] = {"search_default_open": 1}
        action["domain"] = [("user_id", "=", self.user_id.id)]
        return action

    # ------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------

    @api.model
    def _get_loads(self, users):
        """Return load, open and late cases by user id."""
        cases = self.env["crm.case"]
        cases.flush_model(["user_id", "team_id", "channel", "stage_kind", "date_due"])
        self.env["crm.case.channel.weight"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT k.user_id, SUM(COALESCE(w.weight, 1)), COUNT(*),
                       COUNT(*) FILTER (WHERE k.date_due < %s)
                  FROM crm_case k
                  LEFT JOIN crm_case_channel_weight w
                    ON w.team_id = k.team_id AND w.channel = k.channel
                 WHERE k.user_id IN %s AND k.active
                   AND k.stage_kind IN ('open', 'waiting')
                 GROUP BY k.user_id
                """,
                fields.Datetime.now(),
                tuple(users.ids) or (0,),
            )
        )
        return {user_id: figures for user_id, *figures in rows}

    @api.model
    def _get_absences(self, users, start=None, stop=None):
        """Return the absences of users by user id: lists of (start, stop).

        Own absences and leaves of the user's resource, as personnel applications
        write them. Hook: an addon that knows others adds them.

        :param start, stop: only absences in this span; by default those of now
        """
        start = start or fields.Datetime.now()
        span = [("date_from", "<=", stop or start), ("date_to", ">", start)]
        own = (
            self.env["crm.case.absence"]
            .sudo()
            .search([*span, ("agent_id.user_id", "in", users.ids)])
        )
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search([*span, ("resource_id.user_id", "in", users.ids)])
        )
        result = {}
        for user, absence in [(each.agent_id.user_id, each) for each in own] + [
            (each.resource_id.user_id, each) for each in leaves
        ]:
            result.setdefault(user.id, []).append((absence.date_from, absence.date_to))
        return result

from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..case_dispatch import Request

# First cases of a queue among which an agent's next one is looked for.
PULL_SIZE = 50


class CrmCaseQueue(models.Model):
    """A case in the queue: what it asks of its agent, who takes it next, and why."""

    _inherit = "crm.case"

    _QUEUE_ORDER = "routing_priority desc, severity desc, date_due, id"

    routing_priority = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        groups="base.group_user",
        help="Given by the routing rule; higher ones are taken first.",
    )

    _queue_idx = models.Index(
        "(team_id, routing_priority DESC, severity DESC, date_due, id) "
        "WHERE user_id IS NULL AND stage_kind = 'open' AND active"
    )

    # The lists of what is open, as they are sorted.
    _open_list_idx = models.Index(
        "(severity DESC, date_due, id DESC) "
        "WHERE stage_kind IN ('open', 'waiting') AND active"
    )
    _time_left_idx = models.Index(
        "(date_due, id) WHERE stage_kind IN ('open', 'waiting') AND active"
    )
    # When each agent last got a case.
    _assigned_idx = models.Index(
        "(user_id, date_assigned DESC NULLS LAST) WHERE user_id IS NOT NULL"
    )

    @api.model
    def _get_queue_domain(self, team):
        return [
            ("team_id", "=", team.id),
            ("user_id", "=", False),
            ("stage_kind", "=", "open"),
        ]

    def _get_queue_key(self):
        """Return what sorts this case as ``_QUEUE_ORDER`` does."""
        return (
            -(self.sudo().routing_priority or 0),
            -int(self.severity),
            self.date_due or datetime.max,
            self.id,
        )

    def _get_request(self, team, rule=None):
        """Return what this case asks of the agent who gets it in a team.

        :param rule: the rule that sends it there; by default the one that did
        """
        self.ensure_one()
        rule = self.routing_rule_id if rule is None else rule
        weights = {line.channel: line.weight for line in team.channel_weight_ids}
        return Request(
            weight=weights.get(self.channel, 1.0),
            skills=frozenset(rule.skill_ids.ids),
            level=rule.skill_level or 1,
            language=(rule.match_language and self.partner_id.lang) or None,
            allowed=frozenset(rule.user_ids.ids) if rule.user_ids else None,
        )

    # ------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------

    def _note_choice(self, team, assignment, choice, desk):
        """Note why the case went where it is."""
        lines = [self.routing_rule_id._explain_team(team)]
        if self.routing_priority:
            lines.append(self.env._("Its priority is %s.", self.routing_priority))
        if choice is None:
            lines.append(self.routing_rule_id._explain_waiting(bool(desk)))
        elif choice.agent:
            name = self.env["res.users"].browse(choice.agent.key).name
            lines.append(
                self.routing_rule_id._explain_agent(
                    assignment, name, choice, self._get_request(team)
                )
            )
        else:
            lines.append(
                self.env._(
                    "Nobody can be assigned now, so it waits in the queue: %s.",
                    team._explain_refusals(choice, desk)
                    or self.env._("the team has no matching member"),
                )
            )
        self.routing_note = "\n".join(lines)

    # ------------------------------------------------------------
    # Pull
    # ------------------------------------------------------------

    def action_next_case(self):
        """Take the most pressing case that waits for this agent, and open it."""
        self.browse().check_access("write")
        case = self.browse().sudo()._pull()
        if not case:
            raise UserError(
                self.env._("No case waits for you in the queues of your teams.")
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.case",
            "res_id": case.id,
            "views": [(False, "form")],
        }

    @api.model
    def _pull(self):
        """Assign the next case of the queues to the current user; return it.

        Nobody else gets it: what another agent is just taking is skipped.
        """
        user = self.env.user
        teams = self.env["crm.case.team"].search([("member_ids", "in", user.ids)])
        if not teams:
            raise UserError(
                self.env._(
                    "You are in no service team. Ask your manager to add you to one."
                )
            )
        for case in self._get_pullable(teams):
            if case.try_lock_for_update():
                case.write({"user_id": user.id})
                case.routing_note = self.env._(
                    "%s took it as the next case of the queue.", user.name
                )
                case.team_id._note_assignments(user.ids)
                return case
        return self.browse()

    @api.model
    def _get_pullable(self, teams):
        """Return what the current user may take, the most pressing first."""
        found = self.browse()
        for team in teams:
            waiting = self.search(
                self._get_queue_domain(team), order=self._QUEUE_ORDER, limit=PULL_SIZE
            )
            me = team._get_myself()
            found |= waiting.filtered(
                lambda case, team=team, me=me: case._may_be_pulled(team, me)
            )
        return found.sorted(lambda case: case._get_queue_key())

    def _may_be_pulled(self, team, agent):
        """Tell whether an agent may take this case, by skills and room."""
        request = self._get_request(team)
        reason = agent.why_not(request, fields.Datetime.now())
        if reason == "full":
            raise UserError(
                self.env._(
                    "You have %(load)g of at most %(capacity)g cases. Solve one before "
                    "you take the next.",
                    load=agent.load,
                    capacity=agent.capacity,
                )
            )
        return not reason

    # ------------------------------------------------------------
    # Room
    # ------------------------------------------------------------

    def _close(self):
        """Give the agents who have room again what waits."""
        users = self.user_id
        result = super()._close()
        capped = (
            self.env["crm.case.agent"]
            .sudo()
            .search([("user_id", "in", users.ids), ("capacity", ">", 0)])
        )
        if capped:
            self.env["crm.case.team"].sudo()._drain_for(capped.user_id)
        return result

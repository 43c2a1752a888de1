from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
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
            ("most_skilled", "Most skilled first"),
        ],
        required=True,
        default="team",
    )
    profile_domain = fields.Char(
        "Customers",
        default="[]",
        help="Only customers whose profile matches: value, tier, churn risk. "
        "Leave empty for all.",
    )
    priority = fields.Integer(
        help="Cases of a higher priority are taken from the queue first."
    )
    skill_ids = fields.Many2many(
        "crm.case.skill",
        string="Skills",
        help="The agent needs each of them. Leave empty for none.",
    )
    skill_level = fields.Integer(
        "At Least Level", default=1, help="Of each skill, from 1 to 5."
    )
    match_language = fields.Boolean(
        "Customer's Language", help="The agent has to speak it."
    )

    _level_range = models.Constraint(
        "CHECK (skill_level BETWEEN 1 AND 5)", "Give a level from 1 to 5."
    )

    @api.constrains("domain", "profile_domain")
    def _check_domains(self):
        """A rule that can't be read would keep every new case from coming in."""
        cases, profiles = self.env["crm.case"], self.env["crm.customer.profile"]
        for rule in self:
            try:
                Domain(literal_eval(rule.domain)).validate(cases)
                Domain(literal_eval(rule.profile_domain or "[]")).validate(profiles)
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: the filter is not valid, choose it anew: %(error)s",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    @api.model
    def _route(self, cases):
        """Give each case its team and, where assignment is automatic, its agent."""
        cases = cases.sudo()
        rules = self._get_rules(cases)
        for rule, members in cases.grouped(rules.get).items():
            for company, of_company in members.grouped("company_id").items():
                rule.with_company(company)._apply(of_company)

    @api.model
    def _get_rules(self, cases, rules=None):
        """Return the first rule that matches each case (dict).

        :param rules: to be asked, in this order; by default all that are active
        """
        left, result = cases, dict.fromkeys(cases, self.browse())
        if rules is None:
            rules = self.search([("company_id", "in", cases.company_id.ids)])
        for rule in rules:
            if not left:
                break
            matched = rule._filter_by_profile(left.filtered_domain(rule._get_domain()))
            result.update(dict.fromkeys(matched, rule))
            left -= matched
        return result

    def _get_domain(self):
        self.ensure_one()
        domain = Domain(literal_eval(self.domain))
        return domain & Domain("company_id", "=", self.company_id.id)

    def _filter_by_profile(self, cases):
        """Return the cases whose customer's profile matches."""
        domain = Domain(literal_eval(self.profile_domain or "[]"))
        if domain.is_true() or not cases:
            return cases
        customers = self.env["crm.sla.policy"]._get_customers_by_profile(cases, domain)
        return cases.filtered(
            lambda case: (case.company_id.id, case.commercial_partner_id.id)
            in customers
        )

    def action_simulate(self):
        """Open the simulation of this rule on past cases."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_routing_simulation_action"
        )
        action["context"] = {"default_rule_id": self.id}
        return action

    def _apply(self, cases):
        """Send the cases of one company where this rule (or none) wants them."""
        team, moved = self.team_id, cases.filtered(lambda case: not case.team_id)
        if team:
            moved = cases.filtered(lambda case: case.team_id != team)
        elif moved:
            team = self.env["crm.case.team"]._get_default(cases.company_id)
        if moved and team:
            moved.write({"team_id": team.id})
        cases.write({"routing_rule_id": self.id, "routing_priority": self.priority})
        for team, members in cases.grouped("team_id").items():
            team._dispatch(members)

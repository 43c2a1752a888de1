from odoo import api, fields, models
from odoo.fields import Domain


class CrmSlaPolicy(models.Model):
    """What is promised, in working hours, for the cases that match.

    The first policy (by order) that matches a case is the one that applies to it.
    """

    _name = "crm.sla.policy"
    _description = "Service Level Policy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        help="Leave empty for all companies.",
    )
    team_id = fields.Many2one(
        "crm.case.team",
        check_company=True,
        index="btree_not_null",
        help="Leave empty for all teams.",
    )
    case_type = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["case_type"].selection,
        string="Type",
        help="Leave empty for all types.",
    )
    category_ids = fields.Many2many(
        "crm.case.category",
        string="Categories",
        help="These categories and those below. Leave empty for all.",
    )
    severity = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["severity"].selection,
        help="Leave empty for any severity.",
    )
    profile_domain = fields.Char(
        "Customers",
        default="[]",
        help="Only customers whose profile matches: stage, tier, value. "
        "Leave empty for all.",
    )
    contract_product_ids = fields.Many2many(
        "product.product",
        string="Contracts",
        help="Only customers who bought one of these service contracts. "
        "Leave empty for all.",
    )
    contract_months = fields.Integer(
        "Contract Lasts",
        default=12,
        help="Months from the order in which the contract holds. 0: without end.",
    )
    acknowledgement_hours = fields.Float(
        "Acknowledged within",
        help="Working hours until the customer knows that we have his case. "
        "0: no promise.",
    )
    next_response_hours = fields.Float(
        "Next Answer within",
        help="Working hours until an agent answers each further message of the "
        "customer. 0: no promise.",
    )
    escalation_ids = fields.One2many(
        "crm.sla.escalation",
        "policy_id",
        help="Leave empty for the steps that hold for all policies.",
    )
    step_ids = fields.Many2many(
        "crm.sla.escalation", string="Steps that Hold", compute="_compute_step_ids"
    )
    first_response_hours = fields.Float(
        "First Answer within",
        help="Working hours until an agent answers the customer. 0: no promise.",
    )
    resolution_hours = fields.Float(
        "Solved within", help="Working hours until the case is closed. 0: no promise."
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        check_company=True,
        help="Leave empty for the working hours of the team.",
    )

    _hours_positive = models.Constraint(
        "CHECK (first_response_hours >= 0 AND resolution_hours >= 0 "
        "AND acknowledgement_hours >= 0 AND next_response_hours >= 0 "
        "AND contract_months >= 0)",
        "Promise no negative number of hours or months.",
    )

    @api.depends("team_id")
    def _compute_company_id(self):
        for policy in self:
            policy.company_id = policy.team_id.company_id or policy.company_id

    @api.depends("escalation_ids.active")
    def _compute_step_ids(self):
        general = self.env["crm.sla.escalation"].search([("policy_id", "=", False)])
        for policy in self:
            policy.step_ids = policy.escalation_ids.filtered("active") or general

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._follow_change()
        return policies

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"name"}:
            self._follow_change()
        return result

    def _follow_change(self):
        """Let the open cases that the policies cover or covered be looked at again."""
        domain = Domain.TRUE
        if all(policy.company_id for policy in self):
            domain = Domain("company_id", "in", self.company_id.ids)
        self.env["crm.case"]._refresh_service_levels(domain)

    def _get_targets(self):
        """Return the promised working hours by target."""
        self.ensure_one()
        hours = {
            "acknowledgement": self.acknowledgement_hours,
            "first_response": self.first_response_hours,
            "next_response": self.next_response_hours,
            "resolution": self.resolution_hours,
        }
        return {target: promised for target, promised in hours.items() if promised}

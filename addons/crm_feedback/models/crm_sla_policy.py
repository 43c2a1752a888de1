from odoo import api, fields, models


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
        "CHECK (first_response_hours >= 0 AND resolution_hours >= 0)",
        "Promise no negative number of hours.",
    )

    @api.depends("team_id")
    def _compute_company_id(self):
        for policy in self:
            policy.company_id = policy.team_id.company_id or policy.company_id

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"name", "sequence"}:
            cases = (
                self.env["crm.case"]
                .sudo()
                .search(
                    [
                        ("sla_policy_id", "in", self.ids),
                        ("stage_kind", "in", ("open", "waiting")),
                    ]
                )
            )
            cases._start_service_levels()
        return result

    @api.model
    def _get_policies(self, cases):
        """Return the policy of each case (dict; no policy: an empty record)."""
        policies = self.search([("company_id", "in", [False, *cases.company_id.ids])])
        result = dict.fromkeys(cases, self.browse())
        for case in cases:
            result[case] = next(
                (policy for policy in policies if policy._matches(case)), self.browse()
            )
        return result

    def _matches(self, case):
        self.ensure_one()
        return (
            self.company_id in (case.company_id, self.company_id.browse())
            and self.team_id in (case.team_id, self.team_id.browse())
            and self.case_type in (False, case.case_type)
            and self.severity in (False, case.severity)
            and self._covers_category(case.category_id)
        )

    def _covers_category(self, category):
        if not self.category_ids:
            return True
        path = category.parent_path or ""
        return any(path.startswith(own.parent_path) for own in self.category_ids)

    def _get_targets(self):
        """Return the promised working hours by target."""
        self.ensure_one()
        hours = {
            "first_response": self.first_response_hours,
            "resolution": self.resolution_hours,
        }
        return {target: promised for target, promised in hours.items() if promised}

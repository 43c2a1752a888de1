from ast import literal_eval

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CrmSlaPolicyMatch(models.Model):
    """Which policy applies to a case: exactly one, the first that matches; and why."""

    _inherit = "crm.sla.policy"

    @api.constrains("profile_domain")
    def _check_profile_domain(self):
        """A policy that can't be read would keep every new case from coming in."""
        profiles = self.env["crm.customer.profile"]
        for policy in self:
            try:
                Domain(literal_eval(policy.profile_domain or "[]")).validate(profiles)
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "%(policy)s: the filter on customers is not valid, choose it "
                        "anew: %(error)s",
                        policy=policy.name,
                        error=error,
                    )
                ) from error

    @api.model
    def _get_policies(self, cases):
        """Return the policy of each case (dict; no policy: an empty record)."""
        return {case: matching[:1] for case, matching in self._match(cases).items()}

    @api.model
    def _match(self, cases):
        """Return the policies that match each case, in their order (dict)."""
        policies = self.search([("company_id", "in", [False, *cases.company_id.ids])])
        customers = {
            policy: policy._get_covered_customers(cases) for policy in policies
        }
        return {
            case: policies.filtered(
                lambda policy, case=case: policy._matches(case)
                and policy._covers_customer(case, customers[policy])
            )
            for case in cases
        }

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

    # ------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------

    @api.model
    def _covers_customer(self, case, covered):
        key = (case.company_id.id, case.commercial_partner_id.id)
        return all(key in keys for keys in covered)

    def _get_covered_customers(self, cases):
        """Return the sets of (company, customer) that a case's must be in.

        Hook: an addon that knows other contracts adds a set.
        """
        self.ensure_one()
        covered = []
        profile_domain = Domain(literal_eval(self.profile_domain or "[]"))
        if not profile_domain.is_true():
            covered.append(self._get_customers_by_profile(cases, profile_domain))
        if self.contract_product_ids:
            covered.append(self._get_customers_by_contract(cases))
        return covered

    @api.model
    def _get_customers_by_profile(self, cases, profile_domain):
        profiles = self.env["crm.customer.profile"].sudo()
        found = profiles.search_fetch(
            profile_domain
            & Domain("partner_id", "in", cases.commercial_partner_id.ids)
            & Domain("company_id", "in", cases.company_id.ids),
            ["company_id", "partner_id"],
        )
        return {(each.company_id.id, each.partner_id.id) for each in found}

    def _get_customers_by_contract(self, cases):
        domain = Domain(
            [
                ("product_id", "in", self.contract_product_ids.ids),
                ("state", "=", "sale"),
                ("company_id", "in", cases.company_id.ids),
                (
                    "order_id.partner_id.commercial_partner_id",
                    "in",
                    cases.commercial_partner_id.ids,
                ),
            ]
        )
        if self.contract_months:
            since = fields.Datetime.now() - relativedelta(months=self.contract_months)
            domain &= Domain("order_id.date_order", ">=", since)
        lines = self.env["sale.order.line"].sudo().search(domain)
        return {
            (line.company_id.id, line.order_id.partner_id.commercial_partner_id.id)
            for line in lines
        }

    # ------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------

    @api.model
    def _explain_match(self, matching):
        """Return why the first of the matching policies applies."""
        if not matching:
            return self.env._("No policy matches: nothing is promised.")
        text = self.env._(
            "“%(policy)s” is the first that matches: %(reasons)s.",
            policy=matching[0].name,
            reasons=matching[0]._explain_conditions(),
        )
        if len(matching) == 1:
            return text
        later = ", ".join(f"“{name}”" for name in matching[1:].mapped("name"))
        return f"{text}\n" + self.env._("It comes before %s.", later)

    def _explain_conditions(self):
        self.ensure_one()
        reasons = [
            f"{self._fields[name].get_description(self.env)['string']}"
            f" {self._display_condition(name)}"
            for name in ("team_id", "case_type", "category_ids", "severity")
            if self[name]
        ]
        if self.profile_domain and self.profile_domain != "[]":
            reasons.append(self.env._("the customer's profile"))
        if self.contract_product_ids:
            names = ", ".join(self.contract_product_ids.mapped("display_name"))
            reasons.append(self.env._("the customer's contract %s", names))
        return ", ".join(reasons) or self.env._("it covers all cases")

    def _display_condition(self, name):
        field = self._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env))[self[name]]
        return ", ".join(self[name].mapped("display_name"))

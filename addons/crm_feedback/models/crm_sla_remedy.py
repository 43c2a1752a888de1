from odoo import api, fields, models
from odoo.tools.misc import formatLang

# Columns of the profile that say what a customer is worth; the first that is known
# counts. The predicted value comes from an addon that may not be installed.
VALUE_FIELDS = ("clv", "margin", "revenue_12m")


class CrmSlaRemedy(models.Model):
    """What may be offered to a customer for a broken promise, and what it costs.

    The one is recommended whose benefit is greatest: the customer's value times the
    gain in the chance to keep him, less the cost.
    """

    _name = "crm.sla.remedy"
    _description = "Remedy"
    _order = "cost, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    resolution_id = fields.Many2one(
        "crm.case.resolution", help="How the case is resolved with it."
    )
    cost = fields.Monetary(required=True)
    retention_gain = fields.Float(
        "Keeps",
        required=True,
        help="By how much it raises the chance that the customer stays (0 to 1).",
    )
    severity = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["severity"].selection,
        string="From Severity",
        required=True,
        default="0",
    )

    _cost_positive = models.Constraint(
        "CHECK (cost >= 0)", "A remedy can't cost less than nothing."
    )
    _gain_is_share = models.Constraint(
        "CHECK (retention_gain BETWEEN 0 AND 1)",
        "The gain is a share between 0 % and 100 %.",
    )

    @api.model
    def _recommend(self, cases):
        """Return the best remedy and the reason for each case (dict of pairs)."""
        values = self._get_customer_values(cases)
        remedies = self.search([("company_id", "in", cases.company_id.ids)])
        result = {}
        for case in cases:
            value = values.get((case.company_id.id, case.commercial_partner_id.id), 0.0)
            allowed = remedies.filtered(
                lambda remedy, case=case: remedy.company_id == case.company_id
                and remedy.severity <= case.severity
            )
            best = max(
                allowed,
                key=lambda each: each._get_benefit(value),
                default=self.browse(),
            )
            result[case] = (best, best._explain(value) if best else False)
        return result

    def _get_benefit(self, value):
        return value * self.retention_gain - self.cost

    def _explain(self, value):
        def money(amount):
            return formatLang(self.env, amount, currency_obj=self.currency_id)

        return self.env._(
            "“%(remedy)s” costs %(cost)s; the customer is worth %(value)s to us and "
            "more likely to stay by %(gain)s %%: a benefit of %(benefit)s.",
            remedy=self.name,
            cost=money(self.cost),
            value=money(value),
            gain=formatLang(self.env, 100 * self.retention_gain, digits=0),
            benefit=money(self._get_benefit(value)),
        )

    @api.model
    def _get_customer_values(self, cases):
        """Return what each customer is worth: {(company id, partner id): amount}."""
        profiles = self.env["crm.customer.profile"].sudo()
        known = [name for name in VALUE_FIELDS if name in profiles._fields]
        found = profiles.search_fetch(
            [
                ("partner_id", "in", cases.commercial_partner_id.ids),
                ("company_id", "in", cases.company_id.ids),
            ],
            ["company_id", "partner_id", *known],
        )
        return {
            (each.company_id.id, each.partner_id.id): max(
                next((each[name] for name in known if each[name]), 0.0), 0.0
            )
            for each in found
        }

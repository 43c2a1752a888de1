from odoo import models

# Figures of other addons that an agent should know, where they are installed.
FOREIGN_FACTS = ("loyalty_tier_id", "clv", "churn_probability")


class CrmCustomerProfileCase(models.Model):
    """What an agent should know of the customer while working on his case."""

    _inherit = "crm.customer.profile"

    def _get_case_facts(self):
        """Hook: return label and text of each fact that the case form shows.

        :rtype: list[tuple]
        """
        self.ensure_one()
        facts = []
        if stage := self._get_stage_label():
            facts.append((self.env._("Stage"), stage))
        if self.visible_revenue:
            facts.append(
                (self.env._("Revenue"), self._format_amount(self.visible_revenue))
            )
        return facts + [
            (self._fields[name]._description_string(self.env), text)
            for name in FOREIGN_FACTS
            if (text := self._format_case_fact(name))
        ]

    def _format_case_fact(self, name):
        field = self._fields.get(name)
        if not field:
            return ""
        # Predictions tell of all orders: not everybody may see them all.
        told = self if self._has_field_access(field, "read") else self._get_full()
        value = told[name]
        if not value:
            return ""
        if field.type == "many2one":
            return value.sudo().display_name
        if field.type == "monetary":
            return self._format_amount(value)
        return f"{value:.0%}"

from odoo import api, fields, models


class CrmCustomerProfile(models.Model):
    """Why a customer is expected to leave, in words."""

    _inherit = "crm.customer.profile"

    churn_reason_codes = fields.Char(
        "Churn reasons (codes)",
        readonly=True,
        help="What raises his risk above that of a typical customer, strongest first.",
    )
    churn_reasons = fields.Char(
        compute="_compute_churn_reasons",
        help="What raises his risk above that of a typical customer, strongest first.",
    )

    @api.depends("churn_reason_codes")
    @api.depends_context("lang")
    def _compute_churn_reasons(self):
        words = self._get_churn_reason_words()
        for profile in self:
            codes = (profile.churn_reason_codes or "").split(",")
            profile.churn_reasons = "; ".join(
                words.get(code, code) for code in codes if code
            )

    @api.model
    def _get_churn_reason_words(self):
        """Hook: return the words of each reason, events by the code of their type."""
        return {
            "silence": self.env._("has not ordered for long"),
            "rhythm": self.env._("later than his own rhythm"),
            "few_orders": self.env._("few orders so far"),
            "fewer_lately": self.env._("orders less often lately"),
            "less_lately": self.env._("spends less lately"),
            "small_value": self.env._("small orders"),
            "smaller_basket": self.env._("last order smaller than usual"),
            "case_opened": self.env._("had a case in the last half year"),
            "credit_note_posted": self.env._("needed a credit note"),
            "delivery_late": self.env._("was delivered late"),
            "delivery_returned": self.env._("sent goods back"),
            "detractor_answer": self.env._("would not recommend us"),
            "invoice_overdue": self.env._("pays late"),
        }

    @api.model
    def _get_score_field_names(self):
        return [*super()._get_score_field_names(), "churn_reason_codes"]

    def _get_churn_tile(self):
        tile = super()._get_churn_tile()
        if self.churn_reasons and self.churn_risk != "low":
            tile["detail"] = self.churn_reasons
        return tile

    def _get_360_next_actions(self):
        advice = super()._get_360_next_actions()
        for item in advice:
            if item["key"] == "churn" and self.churn_reasons:
                item["reason"] = self.env._(
                    "%(reason)s: %(why)s",
                    reason=item["reason"],
                    why=self.churn_reasons,
                )
        return advice

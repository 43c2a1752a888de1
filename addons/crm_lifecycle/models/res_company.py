from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    crm_at_risk_days = fields.Integer(
        "At risk after",
        default=180,
        help="A customer is at risk so many days after the last order.",
    )
    crm_lapsed_days = fields.Integer(
        "Lapsed after",
        default=365,
        help="A customer has lapsed so many days after the last order.",
    )
    crm_loyal_orders = fields.Integer(
        "Loyal from", default=5, help="Orders that make a customer a loyal one."
    )

    crm_campaign_approval_amount = fields.Monetary(
        "Campaigns Above Need Approval",
        help="Campaigns with a larger budget start once a manager has approved it. "
        "Zero: none needs it.",
    )

    _crm_lifecycle_days = models.Constraint(
        "CHECK(0 < crm_at_risk_days AND crm_at_risk_days < crm_lapsed_days)",
        "A customer must be at risk before he has lapsed: give fewer days at risk.",
    )

    def write(self, vals):
        result = super().write(vals)
        limits = {"crm_at_risk_days", "crm_lapsed_days", "crm_loyal_orders"}
        if limits & vals.keys():
            self.env["crm.customer.profile"]._make_all_stale()
        return result

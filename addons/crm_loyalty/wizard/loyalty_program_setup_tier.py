from odoo import fields, models


class LoyaltyProgramSetupTier(models.TransientModel):
    _name = "loyalty.program.setup.tier"
    _description = "Tier to Set Up"
    _order = "threshold, id"

    setup_id = fields.Many2one(
        "loyalty.program.setup", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(required=True)
    threshold = fields.Float("Qualifying Points")
    color = fields.Integer()
    pricelist_id = fields.Many2one("product.pricelist")
    benefits = fields.Char()

    def _prepare_tier_values(self):
        self.ensure_one()
        return {
            "name": self.name,
            "threshold": self.threshold,
            "window_months": self.setup_id.window_months,
            "grace_days": self.setup_id.grace_days,
            "color": self.color,
            "pricelist_id": self.pricelist_id.id,
            "benefits": self.benefits,
        }

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class LoyaltyProgramSetup(models.TransientModel):
    """Sets up a program with tiers in one go."""

    _name = "loyalty.program.setup"
    _description = "Set Up a Tiered Program"

    @api.model
    def _default_tier_ids(self):
        tiers = [
            (self.env._("Bronze"), 0, 2, self.env._("Points on every purchase")),
            (self.env._("Silver"), 1000, 8, self.env._("Early access to new products")),
            (self.env._("Gold"), 5000, 3, self.env._("A personal contact")),
        ]
        return [
            Command.create(
                {"name": name, "threshold": points, "color": color, "benefits": text}
            )
            for name, points, color, text in tiers
        ]

    name = fields.Char(
        "Program",
        required=True,
        default=lambda self: self.env._("Customer Club"),
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    points_per_unit = fields.Float(
        "Points per Currency Unit",
        required=True,
        default=1,
        help="Points for each unit of money spent.",
    )
    reward_points = fields.Float(
        "Points for a Discount",
        required=True,
        default=200,
        help="So many points buy the discount.",
    )
    discount = fields.Float("Discount (%)", required=True, default=5)
    points_validity_months = fields.Integer(
        "Points Valid For (months)", default=24, help="Zero: they never expire."
    )
    window_months = fields.Integer(
        "Tier Window (months)",
        required=True,
        default=12,
        help="Points earned in so many past months count for the tiers.",
    )
    grace_days = fields.Integer(
        "Grace (days)",
        default=30,
        help="So long is a tier kept when it is no longer earned.",
    )
    tier_ids = fields.One2many(
        "loyalty.program.setup.tier",
        "setup_id",
        "Tiers",
        default=lambda self: self._default_tier_ids(),
    )

    @api.constrains("points_per_unit", "reward_points", "discount")
    def _check_amounts(self):
        for setup in self:
            if min(setup.points_per_unit, setup.reward_points, setup.discount) <= 0:
                raise ValidationError(
                    self.env._(
                        "Points per currency unit, points for a discount and the "
                        "discount itself must be above zero."
                    )
                )

    @api.constrains("tier_ids")
    def _check_tier_ids(self):
        for setup in self:
            thresholds = setup.tier_ids.mapped("threshold")
            if len(set(thresholds)) < len(thresholds):
                raise ValidationError(
                    self.env._("Give each tier a threshold of its own.")
                )

    def action_create_program(self):
        """Make the program with its rule, reward and tiers, and open it."""
        self.ensure_one()
        programs = self.env["loyalty.program"]
        programs.check_access("create")
        # Its discount makes a product, for which the manager may lack the right.
        program = programs.sudo().create(self._prepare_program_values())
        return {
            "type": "ir.actions.act_window",
            "res_model": "loyalty.program",
            "res_id": program.id,
            "views": [(self.env.ref("loyalty.loyalty_program_view_form").id, "form")],
        }

    def _prepare_program_values(self):
        return {
            "name": self.name,
            "company_id": self.company_id.id,
            "program_type": "loyalty",
            "applies_on": "both",
            "trigger": "auto",
            "portal_visible": True,
            "portal_point_name": self.env._("points"),
            "points_validity_months": self.points_validity_months,
            "rule_ids": [
                Command.create(
                    {
                        "reward_point_mode": "money",
                        "reward_point_amount": self.points_per_unit,
                    }
                )
            ],
            "reward_ids": [
                Command.create(
                    {
                        "reward_type": "discount",
                        "discount": self.discount,
                        "discount_mode": "percent",
                        "required_points": self.reward_points,
                    }
                )
            ],
            "tier_ids": [
                Command.create(tier._prepare_tier_values()) for tier in self.tier_ids
            ],
        }

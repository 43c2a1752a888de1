from odoo import api, fields, models


class CrmJourneyStep(models.Model):
    """Steps that give customers points or a coupon."""

    _inherit = "crm.journey.step"

    kind = fields.Selection(
        selection_add=[
            ("points", "Grant points"),
            ("coupon", "Give a coupon"),
            ("webhook",),
        ],
        ondelete={"points": "cascade", "coupon": "cascade"},
    )
    points_program_id = fields.Many2one(
        "loyalty.program",
        "Loyalty Program",
        domain="[('program_type', '=', 'loyalty'), "
        "('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
        help="Who has no card yet gets one.",
    )
    points = fields.Float(default=10)
    coupon_program_id = fields.Many2one(
        "loyalty.program",
        "Coupons Of",
        domain="[('program_type', 'in', ('coupons', 'next_order_coupons')), "
        "('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
        help="Its communication sends the code to the customer.",
    )
    coupon_days = fields.Integer("Valid for (days)", default=30, help="Zero: for ever.")

    @api.model
    def _get_kinds(self):
        return {
            **super()._get_kinds(),
            "points": ("fa-diamond", "change"),
            "coupon": ("fa-ticket", "change"),
        }

    @api.model
    def _get_kind_groups(self):
        """Steps run with all rights: who gives away must be allowed to."""
        return {
            **super()._get_kind_groups(),
            "points": "crm_loyalty.crm_loyalty_group_manager",
            "coupon": "crm_loyalty.crm_loyalty_group_manager",
        }

    # ------------------------------------------------------------
    # Points
    # ------------------------------------------------------------

    def _get_points_problems(self):
        problems = self._get_missing_problem("points_program_id")
        if self.points <= 0:
            problems.append(self.env._("grant more than zero points."))
        return problems

    def _get_points_text(self):
        return f"{self.points:g} {self.points_program_id.portal_point_name or ''}"

    def _run_points(self, participants):
        program = self.points_program_id.with_company(self.company_id)
        facts = [
            (
                participant.partner_id,
                {
                    "res_model": participant.res_model,
                    "res_id": participant.res_id,
                    "description": self.journey_id.name,
                    "key": f"journey:{participant.id}:visit:{participant.visit}",
                },
            )
            for participant in participants
        ]
        program._give_points(self.points, self.company_id, facts)
        self._move(participants.ids, "next")

    # ------------------------------------------------------------
    # Coupons
    # ------------------------------------------------------------

    def _get_coupon_problems(self):
        return self._get_missing_problem("coupon_program_id")

    def _get_coupon_text(self):
        return self.coupon_program_id.name

    def _run_coupon(self, participants):
        contacts = [each.contact_id or each.partner_id for each in participants]
        self.coupon_program_id._give_coupons(
            contacts, self.company_id, self.coupon_days
        )
        self._move(participants.ids, "next")

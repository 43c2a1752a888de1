from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestLoyaltyProgramSetup(LoyaltyCase):
    def test_a_tiered_program_in_one_click(self):
        self.program.active = False
        with Form(self.env["loyalty.program.setup"]) as form:
            form.name = "Friends"
        action = form.record.action_create_program()
        program = self.env["loyalty.program"].browse(action["res_id"])
        self.assertEqual(
            program.tier_ids.sorted("threshold").mapped("name"),
            ["Bronze", "Silver", "Gold"],
        )
        order = self._create_order(quantity=12)
        order.action_confirm()
        card = program.coupon_ids
        self.assertEqual(card.points, 1200)
        self.assertEqual(card.tier_id.name, "Silver")

    def test_two_tiers_need_two_thresholds(self):
        with (
            self.assertRaises(ValidationError),
            Form(self.env["loyalty.program.setup"]) as form,
        ):
            with form.tier_ids.edit(2) as tier:
                tier.threshold = 1000

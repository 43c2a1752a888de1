from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.journey_case import JourneyCase

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestCrmJourneyStep(JourneyCase):
    """Journeys grant points and give coupons, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.other = cls._create_customer("Bob Ltd")
        # Only who is known as a customer enters.
        cls._create_order()
        cls._create_order(cls.other)
        cls._run_pipeline()
        cls.program = LoyaltyCase._create_program.__func__(cls)

    def _start_points(self, points=25):
        settings = {"points_program_id": self.program.id, "points": points}
        return self._start({"give": ("points", settings, {})}, trigger="manual")

    def test_points_reach_the_card(self):
        journey = self._start_points()
        card = self.env["loyalty.card"].create(
            {"program_id": self.program.id, "partner_id": self.customer.id}
        )
        journey.action_enrol((self.customer | self.other).ids)
        self._advance()
        self.assertEqual(card.points, 25)
        new = self.env["loyalty.card"].search([("partner_id", "=", self.other.id)])
        self.assertEqual(new.points, 25)
        [entry] = self.env["loyalty.points.entry"].search([("card_id", "=", card.id)])
        self.assertEqual((entry.kind, entry.description), ("award", "Way"))

    def test_coupon(self):
        coupons = self.env["loyalty.program"].create(
            {"name": "Welcome back", "program_type": "coupons"}
        )
        settings = {"coupon_program_id": coupons.id, "coupon_days": 14}
        journey = self._start({"give": ("coupon", settings, {})}, trigger="manual")
        journey.action_enrol(self.customer.ids)
        self._advance()
        [coupon] = coupons.coupon_ids
        self.assertEqual(coupon.partner_id.commercial_partner_id, self.customer)
        self.assertEqual(coupon.points, 1)
        self.assertEqual(
            coupon.expiration_date, fields.Date.today() + timedelta(days=14)
        )

    def test_only_who_may_give_away_draws_it(self):
        settings = {"points_program_id": self.program.id}
        journey = self._draw({"tag": ("exit", {}, {})})
        steps = self.env["crm.journey.step"]
        values = {
            "version_id": journey.draft_version_id.id,
            "name": "Give",
            "kind": "points",
            **settings,
        }
        with self.assertRaisesRegex(UserError, "Manager"):
            steps.with_user(self.manager).create(values)
        self.manager.group_ids += self.env.ref("crm_loyalty.crm_loyalty_group_manager")
        step = steps.with_user(self.manager).create(values)
        self.assertFalse(step.problem)
        step.points = 0
        step.invalidate_recordset(["problem"])
        self.assertIn("more than zero", step.problem)

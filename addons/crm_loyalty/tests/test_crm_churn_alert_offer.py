from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .churn_case import ChurnCase


@tagged("post_install", "-at_install")
class TestCrmChurnAlertOffer(ChurnCase):
    """Offers: inside the discount room, and only to who may be written to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Come back",
                "model_id": cls.env["ir.model"]._get_id("loyalty.card"),
                "subject": "Come back",
                "body_html": "<p>Come back</p>",
                "email_from": "shop@example.com",
                "email_to": "{{ object.partner_id.email }}",
                "auto_delete": False,
            }
        )
        # 10 % off the next order.
        cls.coupons = cls._create_program(
            name="Coupons",
            program_type="coupons",
            applies_on="current",
            trigger="with_code",
            rule_ids=[Command.clear()],
            reward_ids=[
                Command.create(
                    {
                        "reward_type": "discount",
                        "discount": 10,
                        "discount_mode": "percent",
                        "required_points": 1,
                    }
                )
            ],
        )
        cls.warning.write(
            {
                "offer_program_id": cls.coupons.id,
                "offer_template_id": cls.template.id,
                "action": "offer",
            }
        )

    def _count_mails(self):
        return self.env["mail.mail"].search_count([("subject", "=", "Come back")])

    def _get_cards(self):
        return self.env["loyalty.card"].search(
            [
                ("program_id", "=", self.coupons.id),
                ("partner_id", "=", self.customer.id),
            ]
        )

    def _count_activities(self, alert):
        return self.env["mail.activity"].search_count(
            [("res_model", "=", "crm.churn.alert"), ("res_id", "=", alert.id)]
        )

    def _refuse(self):
        self.env["crm.consent"]._record(
            self.customer, "loyalty", "email", False, "Counter", "Points by e-mail"
        )

    def test_a_coupon_is_sent(self):
        self._lose()
        self._start()
        alert = self._watch()
        # Four orders at 40 margin: 160 at stake, room 32; 10 % of 100 costs 10.
        self.assertEqual((alert.offer_room, alert.offer_cost), (32, 10))
        self.assertEqual((alert.state, alert.offer_state), ("acted_on", "made"))
        card = self._get_cards()
        self.assertEqual(alert.offer_card_id, card)
        today = fields.Date.context_today(alert)
        self.assertEqual((card.expiration_date - today).days, 30)
        self.assertEqual(self._count_mails(), 1)
        self.assertEqual(self._count_activities(alert), 0)
        self.assertFalse(self._watch())
        self.assertEqual((len(self._get_cards()), self._count_mails()), (1, 1))

    def test_an_offer_beyond_the_room_is_not_made(self):
        self._lose()
        self._start(offer_room_share=6.2)
        alert = self._watch()
        self.assertEqual((alert.state, alert.offer_state), ("open", False))
        self.assertFalse(self._get_cards(), "room 9.92, cost 10")
        self.assertEqual(self._count_activities(alert), 1, "the owner calls instead")
        with self.assertRaisesRegex(UserError, "discount room"):
            alert.with_user(self.seller).action_make_offer()
        self.warning.offer_room_share = 6.25
        alert.invalidate_recordset()
        alert.with_user(self.seller).action_make_offer()
        self.assertEqual(alert.offer_state, "made")
        self.assertEqual(self._count_activities(alert), 0, "nothing is left to do")

    def test_a_call_that_was_planned_stays(self):
        self._lose()
        self._start(action="activity")
        alert = self._watch()
        alert.with_user(self.seller).action_call()
        alert.with_user(self.seller).action_make_offer()
        self.assertEqual(alert.offer_state, "made")
        self.assertEqual(self._count_activities(alert), 1)

    def test_who_said_no_gets_no_offer(self):
        self._refuse()
        self._lose()
        self._start()
        alert = self._watch()
        self.assertFalse(self._get_cards())
        self.assertEqual(self._count_mails(), 0)
        self.assertEqual(self._count_activities(alert), 1)
        with self.assertRaisesRegex(UserError, "No offer by e-mail"):
            alert.with_user(self.seller).action_make_offer()

    def test_who_pauses_gets_it_when_the_moment_has_come(self):
        today = fields.Date.today()
        wish = self.env["crm.consent.preference"].create(
            {"partner_id": self.customer.id, "pause_start": today, "pause_end": today}
        )
        self._lose()
        self._start()
        alert = self._watch()
        self.assertEqual((alert.state, alert.offer_state), ("open", "waiting"))
        self.assertFalse(self._get_cards())
        hold = self.env["crm.contact.hold"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(hold.sender_id.code, "churn_offer")
        wish.unlink()
        hold.action_release()
        self.assertEqual((alert.state, alert.offer_state), ("acted_on", "made"))
        self.assertEqual(self._count_mails(), 1)

    def test_an_offer_that_waited_too_long_becomes_a_call(self):
        alert = self._create_alert(offer_state="waiting")
        self.warning._cron_watch()
        self.assertEqual(alert.offer_state, "waiting")
        alert.date_opened = fields.Datetime.subtract(alert.date_opened, days=8)
        self.warning._cron_watch()
        self.assertFalse(alert.offer_state)
        self.assertEqual(self._count_activities(alert), 1)

    def test_without_an_address_the_owner_calls(self):
        self.customer.email = False
        self._lose()
        self._start()
        alert = self._watch()
        self.assertEqual(self._count_activities(alert), 1)
        self.assertFalse(alert.offer_state)

    def test_points_are_booked_once(self):
        self._lose()
        self.warning.write({"offer_program_id": self.program.id, "offer_points": 50})
        self._start()
        before = self._get_card().points
        alert = self._watch()
        # Half of the points that 20 % of 100 take.
        self.assertEqual(alert.offer_cost, 10)
        card = self._get_card()
        self.assertEqual(card.points, before + 50)
        self.assertEqual(alert.offer_card_id, card)
        self.warning._give_offer(alert)
        self.assertEqual(card.points, before + 50)

    def test_the_offer_counts_as_a_message(self):
        self._lose()
        self._start()
        self._watch()
        event = self.env["crm.customer.event"].search(
            [("type_id.code", "=", "churn_offer_made")]
        )
        self.assertEqual(event.partner_id, self.customer)
        self.assertEqual(event.purpose_id.code, "loyalty")

    def test_an_offer_needs_a_program(self):
        with self.assertRaises(ValidationError):
            self.warning.offer_program_id = False
        self.warning.action = "activity"
        self.warning.offer_program_id = False
        alert = self._create_alert()
        self.assertFalse(alert.has_offer)
        with self.assertRaisesRegex(UserError, "offers nothing yet"):
            alert.with_user(self.seller).action_make_offer()
        self.warning.offer_program_id = self.coupons
        alert.invalidate_recordset(["has_offer"])
        self.assertTrue(alert.with_user(self.seller).has_offer)

    def test_cost_of_rewards(self):
        reward = self.coupons.reward_ids
        self.assertEqual(reward._get_churn_cost(300, 1), 30)
        reward.discount_max_amount = 25
        self.assertEqual(reward._get_churn_cost(300, 1), 25)
        reward.write({"discount_mode": "per_order", "discount": 12})
        self.assertEqual(reward._get_churn_cost(300, 1), 12)
        reward.write({"discount_mode": "per_point", "discount": 2})
        self.assertEqual(reward._get_churn_cost(300, 5), 10)
        reward.write(
            {
                "reward_type": "product",
                "reward_product_id": self.product.id,
                "reward_product_qty": 2,
            }
        )
        self.assertEqual(reward._get_churn_cost(300, 1), 200)

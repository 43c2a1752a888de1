from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestLoyaltyMail(LoyaltyCase):
    """The mails of loyalty programs ask like every other sender."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.contact.policy"].search([]).active = False
        cls.customer.email = "ada@example.com"
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Points",
                "model_id": cls.env["ir.model"]._get_id("loyalty.card"),
                "subject": "Your points",
                "body_html": "<p>Your points</p>",
                "email_from": "shop@example.com",
                "email_to": "{{ object.partner_id.email }}",
                "auto_delete": False,
            }
        )
        cls._tell(cls.program)

    @classmethod
    def _tell(cls, program):
        program.communication_plan_ids = [
            Command.clear(),
            Command.create({"trigger": "create", "mail_template_id": cls.template.id}),
            Command.create(
                {
                    "trigger": "points_reach",
                    "points": 50,
                    "mail_template_id": cls.template.id,
                }
            ),
        ]

    def _count_mails(self):
        return self.env["mail.mail"].search_count([("subject", "=", "Your points")])

    def _refuse(self):
        self.env["crm.consent"]._record(
            self.customer, "loyalty", "email", False, "Counter", "Points by e-mail"
        )

    def _pause(self):
        today = fields.Date.today()
        return self.env["crm.consent.preference"].create(
            {"partner_id": self.customer.id, "pause_start": today, "pause_end": today}
        )

    def test_who_said_nothing_is_told(self):
        card = self._create_card()
        self.assertEqual(self._count_mails(), 1)
        card.points = 60
        self.assertEqual(self._count_mails(), 2)

    def test_the_mail_says_how_to_decline_the_next(self):
        self._create_card()
        mail = self.env["mail.mail"].search([("subject", "=", "Your points")])
        [values] = mail._prepare_outgoing_list()
        self.assertIn("/preferences/", values["body"])

    def test_who_said_no_is_told_nothing_but_keeps_his_points(self):
        self._refuse()
        card = self._create_card()
        card.points = 60
        self.assertEqual(self._count_mails(), 0)
        self.assertEqual(card.points, 60)

    def test_what_was_bought_comes_anyway(self):
        self._refuse()
        gift = self._create_program(
            name="Gift cards", program_type="gift_card", trigger="auto"
        )
        self._tell(gift)
        self.env["loyalty.card"].create(
            {"program_id": gift.id, "partner_id": self.customer.id, "points": 25}
        )
        self.assertEqual(self._count_mails(), 1)

    def test_who_pauses_is_listed_and_told_later(self):
        wish = self._pause()
        card = self._create_card()
        card.points = 60
        self.assertEqual(self._count_mails(), 0)
        holds = self.env["crm.contact.hold"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(set(holds.mapped("reason")), {"paused"})
        self.assertEqual(holds.sender_id.code, "loyalty")
        self.assertEqual(len(holds), 2)
        wish.unlink()
        holds.action_release()
        self.assertEqual(self._count_mails(), 2)
        self.assertEqual(set(holds.mapped("state")), {"released"})

    def test_who_spent_the_points_meanwhile_is_not_told_of_them(self):
        wish = self._pause()
        card = self._create_card()
        card.points = 60
        card.points = 10
        wish.unlink()
        self.env["crm.contact.hold"].search([]).action_release()
        self.assertEqual(self._count_mails(), 1, "only that the card was issued")

import random
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from ..experiments.sequential_test import chance_of_error, find_winner
from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestSequentialTest(BaseCase):
    """Asking often does not find what is not there."""

    def _run_test(self, rates, seed, looks=40, batch=50):
        """Return the winner found at any of many looks."""
        rng = random.Random(seed)
        successes, number = [0] * len(rates), 0
        for _look in range(looks):
            number += batch
            for index, rate in enumerate(rates):
                successes[index] += sum(rng.random() < rate for _try in range(batch))
            winner = find_winner([(count, number) for count in successes])
            if winner is not None:
                return winner
        return None

    def test_equal_mailings_seldom_have_a_winner(self):
        found = sum(
            self._run_test([0.1, 0.1, 0.1], seed) is not None for seed in range(200)
        )
        self.assertLessEqual(found, 10 + 6, "5 % of 200, and two standard deviations")

    def test_a_better_mailing_is_found(self):
        found = [self._run_test([0.1, 0.16], seed) for seed in range(50)]
        self.assertGreater(found.count(1), 40)
        self.assertEqual(found.count(0), 0)

    def test_few_recipients_prove_nothing(self):
        self.assertEqual(chance_of_error(0, 0, 1, 1), 1)
        self.assertGreater(chance_of_error(3, 10, 1, 10), 0.5)
        self.assertLess(chance_of_error(300, 1000, 200, 1000), 0.002)


@tagged("post_install", "-at_install")
class TestCrmCampaignTest(CampaignCase):
    """Mailings on trial, and the better one for the rest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.contact.policy"].search([]).active = False
        cls.members = cls.env["res.partner"].create(
            [
                {"name": f"Target {number}", "email": f"target{number}@example.com"}
                # So many that a fair draw does not miss its share by chance.
                for number in range(1500)
            ]
        )
        cls._decide(cls.members, granted=True)
        cls.campaign.segment_ids = cls._create_segment("Targets", cls.members)
        cls.campaign.control_share = 10
        cls.mailings = cls._create_mailing() | cls._create_mailing(subject="Better")
        cls.trial = cls.env["crm.campaign.test"].create(
            {
                "name": "Subject",
                "campaign_id": cls.campaign.id,
                "share": 60,
                "fewest": 50,
                "variant_ids": [
                    Command.create({"mailing_id": mailing.id})
                    for mailing in cls.mailings
                ],
            }
        )

    def _send(self, mailing, clicks=0.0):
        """Let the mailing be sent and a share of the recipients click."""
        recipients = self._get_recipients(mailing)
        now = fields.Datetime.now()
        self.env["mailing.trace"].create(
            [
                {
                    "mass_mailing_id": mailing.id,
                    "campaign_id": self.campaign.id,
                    "model": "res.partner",
                    "res_id": partner.id,
                    "email": partner.email,
                    "trace_status": "sent",
                    "sent_datetime": now,
                    "crm_click_date": now
                    if number < clicks * len(recipients)
                    else False,
                }
                for number, partner in enumerate(recipients)
            ]
        )
        mailing.state = "done"
        self.env.invalidate_all()
        return recipients

    def test_chance_parts_the_audience_without_the_control_group(self):
        self.campaign.action_start()
        self.trial.action_start()
        first, second = (self._get_recipients(mailing) for mailing in self.mailings)
        self.assertFalse(first & second)
        control = self.campaign.member_ids.filtered("is_control").partner_id
        self.assertFalse((first | second) & control)
        audience = len(self.members - control)
        for part in (first, second):
            self.assertAlmostEqual(len(part) / audience, 0.3, delta=0.06)
        self.assertEqual(first, self._get_recipients(self.mailings[0]))

    def test_winner_goes_to_the_rest(self):
        self.trial.action_start()
        tried = self._send(self.mailings[0], clicks=0.05)
        tried |= self._send(self.mailings[1], clicks=0.4)
        self.assertIs(self.trial.action_decide(), True)
        self.assertEqual(self.trial.state, "decided")
        self.assertEqual(self.trial.winner_id.mailing_id, self.mailings[1])
        final = self.trial.final_mailing_id
        self.assertEqual((final.subject, final.state), ("Better", "in_queue"))
        rest = self._get_recipients(final)
        self.assertFalse(rest & tried)
        control = self.env["res.partner"].search(self.campaign._get_control_domain())
        self.assertEqual(rest | tried, self.members - control)

    def test_small_difference_does_not_win(self):
        self.trial.action_start()
        self._send(self.mailings[0], clicks=0.10)
        self._send(self.mailings[1], clicks=0.12)
        answer = self.trial.action_decide()
        self.assertEqual(self.trial.state, "running")
        self.assertIn("none is proven better", answer["params"]["message"])
        self.trial.fewest = 1000
        answer = self.trial.action_decide()
        self.assertIn("fewest recipients", answer["params"]["message"])
        self.trial.date_end = fields.Datetime.now() - timedelta(hours=1)
        self.trial.action_decide()
        self.assertEqual(self.trial.state, "undecided")
        self.assertTrue(self.trial.activity_ids)
        self.assertFalse(self.trial.final_mailing_id)
        self.trial.variant_ids[1].action_choose()
        self.assertEqual(self.trial.winner_id.mailing_id, self.mailings[1])
        self.assertFalse(self.trial.activity_ids)

    def test_orders_may_decide(self):
        self.trial.metric = "order"
        self.trial.action_start()
        self._send(self.mailings[0])
        buyers = self._send(self.mailings[1])[:60]
        for partner in buyers:
            self._create_order(partner)
        self.env.invalidate_all()
        self.assertEqual(self.trial.variant_ids[1].success_count, 60)
        self.trial.action_decide()
        self.assertEqual(self.trial.winner_id.mailing_id, self.mailings[1])

    def test_one_mailing_is_no_test(self):
        self.trial.variant_ids[0].unlink()
        with self.assertRaisesRegex(UserError, "two mailings"):
            self.trial.action_start()

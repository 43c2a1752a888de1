from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestIntake(FeedbackCase):
    def _get_acknowledgements(self, case):
        return case.message_ids.filtered(
            lambda message: message.message_type == "auto_comment"
        )

    def test_an_email_opens_a_case_for_its_sender(self):
        case = self._receive_mail(sender="Ada <ada@example.com>")
        self.assertRecordValues(
            case,
            [
                {
                    "name": "Broken lamp",
                    "partner_id": self.customer.id,
                    "channel": "email",
                    "team_id": self.team.id,
                    "user_id": False,
                    "is_automatic": False,
                }
            ],
        )
        self.assertIn("does not light up", case.description)

    def test_an_unknown_sender_becomes_a_contact(self):
        case = self._receive_mail()
        self.assertEqual(case.partner_id.email_normalized, "eve@client.example.com")
        self.assertEqual(case.partner_id.name, "Eve")

    def test_it_is_acknowledged_with_number_and_expected_time(self):
        self._create_policy()
        case = self._receive_mail()
        message = self._get_acknowledgements(case)
        self.assertEqual(len(message), 1)
        self.assertIn(case.number, message.subject)
        self.assertIn(case.number, message.body)
        self.assertIn("You can expect our answer by", message.body)
        self.assertEqual(message.partner_ids, case.partner_id)
        self.assertTrue(case.date_acknowledged)
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        self.assertIn("auto-replied", mail.headers)
        self.assertIn("desk-test@service.example.com", mail.reply_to)

    def test_the_acknowledgement_is_no_answer(self):
        case = self._receive_mail()
        self.assertFalse(case.date_responded)

    def test_it_is_acknowledged_in_the_customer_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.team.acknowledgement_template_id
        template.with_context(lang="fr_FR").body_html = "<p>Merci de votre message</p>"
        self.customer.lang = "fr_FR"
        case = self._receive_mail(sender="ada@example.com")
        self.assertIn("Merci de votre message", self._get_acknowledgements(case).body)

    def test_machines_are_not_answered(self):
        for headers in (
            {"Auto_Submitted": "auto-replied"},
            {"Precedence": "bulk"},
            {"X_Auto_Response_Suppress": "DR, AutoReply"},
            {"X_Autoreply": "yes"},
            {"List_Id": "<news.example.com>"},
        ):
            with self.subTest(headers=headers):
                case = self._receive_mail(**headers)
                self.assertTrue(case.is_automatic)
                self.assertFalse(self._get_acknowledgements(case))

    def test_a_person_s_explicit_no_is_no_machine(self):
        case = self._receive_mail(Auto_Submitted="no")
        self.assertTrue(self._get_acknowledgements(case))

    def test_a_reply_joins_its_case(self):
        case = self._receive_mail(message_id="<first@client>")
        case.action_wait()
        again = self._receive_mail(
            subject="Re: Broken lamp",
            In_Reply_To="<first@client>",
            References="<first@client>",
            body="Here is the number.",
        )
        self.assertEqual(again, case)
        self.assertEqual(case.stage_kind, "open")
        self.assertEqual(len(self._get_acknowledgements(case)), 1)

    def test_an_out_of_office_reply_does_not_wake_the_case(self):
        case = self._receive_mail(message_id="<first@client>")
        case.action_wait()
        self._receive_mail(
            subject="Out of office",
            In_Reply_To="<first@client>",
            References="<first@client>",
            Auto_Submitted="auto-replied",
        )
        self.assertEqual(case.stage_kind, "waiting")

    def test_an_agent_s_reply_by_email_is_an_answer(self):
        case = self._receive_mail(message_id="<first@client>")
        self._receive_mail(
            sender=self.agent.email_formatted,
            subject="Re: Broken lamp",
            In_Reply_To="<first@client>",
            References="<first@client>",
        )
        self.assertTrue(case.date_responded)

    def test_the_same_email_comes_once(self):
        case = self._receive_mail(message_id="<same@client>")
        self.assertTrue(case)
        self.assertFalse(self._receive_mail(message_id="<same@client>"))

    def test_a_flood_is_stopped(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        for _turn in range(6):
            self._receive_mail()
        self.assertEqual(
            self.case.search_count([("email_from", "ilike", "eve@client")]), 3
        )

    def test_scripts_in_an_email_do_not_survive(self):
        case = self.case.message_new(
            {
                "subject": "Attack",
                "email_from": "mallory@example.com",
                "body": "<p onclick='x()'>Hi</p><script>alert(1)</script>",
            },
            {"team_id": self.team.id},
        )
        self.assertNotIn("script", case.description)
        self.assertNotIn("onclick", case.description)

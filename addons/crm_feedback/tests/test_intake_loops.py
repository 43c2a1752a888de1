from email.message import EmailMessage

from odoo.tests import tagged

from .feedback_case import FeedbackCase

ATTACK = """<p onclick="steal()">Hello<script>alert(1)</script>
<img src="x" onerror="alert(2)"/><a href="javascript:alert(3)">link</a></p>"""


@tagged("post_install", "-at_install")
class TestIntakeLoops(FeedbackCase):
    def _get_acknowledgements(self):
        return self.env["mail.message"].search(
            [
                ("model", "=", "crm.case"),
                ("message_type", "=", "auto_comment"),
                ("partner_ids.email_normalized", "=", "eve@client.example.com"),
            ]
        )

    def test_a_responder_without_any_manners_gets_one_mail(self):
        """It sends neither the headers of machines nor those of replies."""
        case = self._receive_mail()
        for _turn in range(5):
            subject = f"Out of office: {self._get_acknowledgements()[0].subject}"
            self.assertEqual(self._receive_mail(subject=subject), case)
        self.assertEqual(len(self._get_acknowledgements()), 1)

    def test_one_that_changes_the_subject_gets_one_mail_too(self):
        for turn in range(5):
            self._receive_mail(subject=f"I am away {'again ' * turn}")
        self.assertEqual(len(self._get_acknowledgements()), 1)
        last = self.case.search([], order="id desc", limit=1)
        self.assertIn("Not acknowledged", " ".join(last.message_ids.mapped("preview")))

    def test_without_a_pause_each_case_is_acknowledged(self):
        self.env["ir.config_parameter"].set_param(
            "crm_feedback.acknowledgement_pause", 0
        )
        self._receive_mail(subject="One")
        self._receive_mail(subject="Two")
        self.assertEqual(len(self._get_acknowledgements()), 2)

    def test_a_stranger_does_not_get_into_a_case_by_its_number(self):
        case = self._receive_mail()
        other = self._receive_mail(
            sender="mallory@evil.example.com", subject=f"Re: {case.number}"
        )
        self.assertNotEqual(other, case)

    def test_a_bounce_is_noted_and_the_agent_sees_it(self):
        case = self._receive_mail()
        case._message_receive_bounce("eve@client.example.com", case.partner_id)
        self.assertTrue(case.date_bounced)
        self.assertIn("could not be delivered", case.message_ids[0].preview)
        self._receive_mail(subject=f"Re: {case.number}")
        self.assertFalse(case.date_bounced, "he can be reached again")

    def test_a_bounced_mail_reaches_its_case_through_the_gateway(self):
        case = self._receive_mail()
        answer = self._answer(case)
        bounce = EmailMessage()
        bounce["From"] = "MAILER-DAEMON@client.example.com"
        bounce["To"] = f"{self.alias_domain.bounce_alias}@{self.alias_domain.name}"
        bounce["Subject"] = "Undelivered Mail Returned to Sender"
        bounce["References"] = answer.message_id
        bounce["In-Reply-To"] = answer.message_id
        bounce["Message-Id"] = "<bounce@client>"
        bounce.set_content("Mailbox unknown")
        before = self.case.search_count([])
        self.env["mail.thread"].message_process(None, bounce.as_bytes())
        self.assertEqual(self.case.search_count([]), before, "no case of its own")

    def test_scripts_survive_neither_in_the_case_nor_in_the_thread(self):
        mail = EmailMessage()
        mail["From"] = "Mallory <mallory@evil.example.com>"
        mail["To"] = "desk-test@service.example.com"
        mail["Subject"] = "Attack"
        mail["Message-Id"] = "<attack@evil>"
        mail.set_content(ATTACK, subtype="html")
        case_id = self.env["mail.thread"].message_process(None, mail.as_bytes())
        case = self.case.browse(case_id)
        for html in (case.description, *case.message_ids.mapped("body")):
            for bad in ("<script", "onclick", "onerror", "javascript:"):
                self.assertNotIn(bad, html or "")
        self.assertIn("Hello", case.description)

    def test_files_come_along(self):
        mail = EmailMessage()
        mail["From"] = "Eve <eve@client.example.com>"
        mail["To"] = "desk-test@service.example.com"
        mail["Subject"] = "See the photo"
        mail["Message-Id"] = "<photo@client>"
        mail.set_content("It is broken.")
        mail.add_attachment(
            b"picture", maintype="image", subtype="png", filename="leg.png"
        )
        case_id = self.env["mail.thread"].message_process(None, mail.as_bytes())
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "crm.case"), ("res_id", "=", case_id)]
        )
        self.assertEqual(files.mapped("name"), ["leg.png"])

    def test_an_order_named_in_the_mail_is_found(self):
        self.product.warranty_months = 24
        order = self._create_order()
        case = self._receive_mail(
            sender="ada@example.com",
            subject="Broken lamp",
            body=f"The lamp of my order {order.name.lower()} is dark.",
        )
        self.assertEqual(case.sale_order_id, order)
        self.assertEqual(case.product_id, self.product)
        self.assertEqual(case.warranty_state, "in")

    def test_an_invoice_named_in_the_subject_brings_its_order(self):
        order = self._create_order()
        invoice = order._create_invoices()
        invoice.action_post()
        case = self._receive_mail(
            sender="ada@example.com", subject=f"Wrong invoice {invoice.name}"
        )
        self.assertEqual((case.invoice_id, case.sale_order_id), (invoice, order))

    def test_the_order_of_somebody_else_is_not_found(self):
        order = self._create_order(self._create_customer("Mallory Ltd"))
        case = self._receive_mail(sender="ada@example.com", subject=order.name)
        self.assertFalse(case.sale_order_id)

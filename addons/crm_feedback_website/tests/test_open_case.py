import json

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_feedback.tests.feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestOpenCase(FeedbackCase, HttpCase):
    """Visitors open cases on the website."""

    def _send(self, **values):
        answer = self.url_open(
            "/website/form/crm.case",
            data={
                "name": "Broken lamp",
                "email_from": "eve@client.example.com",
                "contact_name": "Eve",
                "description": "<script>alert(1)</script>It is dark.",
                "case_type": "complaint",
                **values,
            },
            files={"files[0][0]": ("lamp.png", b"picture", "image/png")},
        )
        return json.loads(answer.text)

    def test_a_visitor_opens_a_case(self):
        case = self.case.browse(self._send()["id"])
        self.assertRecordValues(
            case,
            [
                {
                    "name": "Broken lamp",
                    "channel": "website",
                    "case_type": "complaint",
                    "email_from": "eve@client.example.com",
                }
            ],
        )
        self.assertEqual(case.partner_id.email_normalized, "eve@client.example.com")
        self.assertIn("It is dark", case.description)
        self.assertNotIn("<script", case.description)
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "crm.case"), ("res_id", "=", case.id)]
        )
        self.assertIn("lamp.png", files.mapped("name"))

    def test_he_can_set_nothing_but_what_is_asked(self):
        sent = self._send(user_id=self.agent.id, severity="3")
        case = self.case.browse(sent["id"])
        self.assertEqual(case.severity, "1")
        self.assertNotEqual(case.user_id, self.agent)

    def test_without_address_it_is_refused(self):
        self.assertIn("email_from", self._send(email_from="nobody")["error_fields"])

    def test_a_flood_is_stopped(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 2)
        for _turn in range(2):
            self.assertTrue(self._send()["id"])
        self.assertIn("email_from", self._send()["error_fields"])

    def test_the_page_is_there(self):
        page = self.url_open("/open-case")
        self.assertEqual(page.status_code, 200)
        self.assertIn('data-model_name="crm.case"', page.text)

from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

PAGE = "/campaign/respond"


@tagged("post_install", "-at_install")
class TestCampaignResponse(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create(
            {"name": "Ada Ltd", "email": "ada@example.com", "phone": "+49 30 1234567"}
        )
        cls.campaign = cls.env["utm.campaign"].create(
            {"title": "Spring", "response_title": "New in spring"}
        )
        cls.source = cls.env["utm.source"].create({"name": "Leaflet"})
        cls.medium = cls.env["utm.medium"].create({"name": "Letterbox"})

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    @property
    def path(self):
        return f"{PAGE}/{self.campaign.response_token}"

    def _answer(self, path=None, **values):
        data = {
            "csrf_token": Request.csrf_token(self),
            "name": "Ada",
            "email": "Ada@Example.com",
            "message": "Please call me",
            **values,
        }
        return self.url_open(path or self.path, data=data)

    def _get_leads(self):
        return self.env["crm.lead"].search([("campaign_id", "=", self.campaign.id)])

    def test_a_known_customer_s_answer_is_an_attributed_lead(self):
        salesperson = self.env.ref("base.user_admin")
        self.customer.user_id = salesperson
        page = self.url_open(f"{self.path}?utm_source=Leaflet&utm_medium=Letterbox")
        self.assertEqual(page.status_code, 200)
        self.assertIn("New in spring", page.text)
        answer = self._answer(phone="+49 89 7654321")
        self.assertIn("Thank you", answer.text)
        self.assertRecordValues(
            self._get_leads(),
            [
                {
                    "partner_id": self.customer.id,
                    "campaign_id": self.campaign.id,
                    "source_id": self.source.id,
                    "medium_id": self.medium.id,
                    "user_id": salesperson.id,
                    "name": "Spring: Ada",
                }
            ],
        )
        note = self._get_leads().description
        self.assertIn("Please call me", note)
        self.assertIn("+49 89 7654321", note)
        self.assertEqual(self.campaign.response_count, 1)

    def test_a_stranger_can_t_change_a_customer_s_data(self):
        self._answer(name="Mallory", phone="+49 89 7654321")
        self.assertRecordValues(
            self.customer,
            [
                {
                    "name": "Ada Ltd",
                    "email": "ada@example.com",
                    "phone": "+49 30 1234567",
                }
            ],
        )

    def test_a_new_person_s_answer_is_a_lead_without_customer(self):
        self._answer(email="new@example.org", phone="+49 89 7654321")
        self.assertRecordValues(
            self._get_leads(),
            [
                {
                    "partner_id": False,
                    "contact_name": "Ada",
                    "email_from": "new@example.org",
                    "phone": "+49 89 7654321",
                }
            ],
        )

    def test_the_address_without_token_knows_the_campaign_by_its_link(self):
        page = self.url_open(f"{PAGE}?utm_campaign={self.campaign.name}")
        self.assertIn(self.path, page.text)
        self.assertEqual(self.url_open(f"{PAGE}?utm_campaign=None").status_code, 404)

    def test_unknown_pages_are_not_found(self):
        self.assertEqual(self.url_open(PAGE).status_code, 404)
        self.assertEqual(self.url_open(f"{PAGE}/guess").status_code, 404)
        self.assertEqual(self._answer(f"{PAGE}/guess").status_code, 404)

    @mute_logger("odoo.http")
    def test_a_forged_form_is_refused(self):
        answer = self._answer(csrf_token="wrong")
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._get_leads())

    def test_a_machine_is_thanked_and_ignored(self):
        self.assertIn("Thank you", self._answer(website="http://spam.example").text)
        self.assertFalse(self._get_leads())

    def test_a_wrong_address_is_told_and_what_was_typed_stays(self):
        answer = self._answer(email="nowhere", name="Grace <b>")
        self.assertIn("valid e-mail", answer.text)
        self.assertIn("Grace &lt;b&gt;", answer.text)
        self.assertIn("Please call me", answer.text)
        self.assertFalse(self._get_leads())

    def test_what_is_typed_is_text_and_not_html(self):
        self._answer(message="<img src=x onerror=alert(1)>")
        self.assertNotIn("<img", self._get_leads().description)

    def test_an_ended_campaign_takes_no_more_answers(self):
        self.campaign.state = "done"
        self.assertIn("ended", self.url_open(self.path).text)
        self._answer()
        self.assertFalse(self._get_leads())

    def test_strangers_make_no_new_sources(self):
        self.url_open(f"{self.path}?utm_source=Nonsense")
        self._answer()
        self.assertFalse(self._get_leads().source_id)
        self.assertFalse(self.env["utm.source"].search([("name", "=", "Nonsense")]))

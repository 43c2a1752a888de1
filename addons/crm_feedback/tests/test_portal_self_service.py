from base64 import b64decode
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .portal_case import PortalCase

PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestPortalSelfService(PortalCase):
    def setUp(self):
        super().setUp()
        self._log_in()
        self.url = f"/my/cases/{self.own.id}"

    def _step(self, step, **values):
        page = self._get_page(self.url).text
        response = self._send(page, f"{self.url}/{step}", **values)
        self.own.invalidate_recordset()
        return response

    def _create_with_files(self, *files):
        page = self._get_page("/my/cases/new").text
        return self._send(
            page,
            name="With a photo",
            description="See the photo",
            files=[("attachments", file) for file in files],
        )

    # -- photos -------------------------------------------------------------

    def test_a_photo_comes_with_the_case(self):
        self._create_with_files(("scratch.png", PIXEL), ("leg.png", PIXEL))
        case = self.case.search([("name", "=", "With a photo")])
        photos = self.env["ir.attachment"].search(
            [("res_model", "=", "crm.case"), ("res_id", "=", case.id)]
        )
        self.assertEqual(sorted(photos.mapped("name")), ["leg.png", "scratch.png"])
        self.assertEqual(
            photos.mapped("mimetype"), ["image/png"] * 2, "what was sent is kept"
        )
        message = case.message_ids.filtered("attachment_ids")
        self.assertEqual(message.author_id, self.portal.partner_id)
        self.assertFalse(message.is_internal)

    def test_what_a_browser_would_run_is_refused(self):
        svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
        for name, content in (("x.svg", svg), ("x.png", b"<script>x</script>")):
            response = self._create_with_files((name, content))
            self.assertIn("send photos", response.text)
            self.assertIn("See the photo", response.text, "what was typed is kept")
        self.assertFalse(self.case.search([("name", "=", "With a photo")]))

    def test_too_many_files_are_refused(self):
        response = self._create_with_files(*[(f"{n}.png", PIXEL) for n in range(6)])
        self.assertIn("at most 5 files", response.text)

    # -- close and reopen ----------------------------------------------------

    def test_a_customer_closes_his_question(self):
        self._step("close")
        self.assertEqual(self.own.stage_kind, "solved")
        self.assertTrue(self.own.date_customer_closed)

    def test_a_complaint_without_cause_stays_with_the_agent(self):
        self.own.write({"case_type": "complaint", "user_id": self.agent.id})
        response = self._step("close")
        self.assertIn("You told us that this is solved", response.text)
        self.assertEqual(self.own.stage_kind, "open")
        activity = self.own.activity_ids
        self.assertEqual(activity.user_id, self.agent)
        self.assertIn("root cause", activity.note)

    def test_a_customer_reopens_within_the_days_of_the_team(self):
        self.team.reopen_days = 3
        self.own.action_solve()
        self.assertIn("open it again until", self._get_page(self.url).text)
        self._step("reopen")
        self.assertEqual((self.own.stage_kind, self.own.reopen_count), ("open", 1))

    def test_later_he_opens_a_new_one(self):
        self.team.reopen_days = 3
        self.own.action_solve()
        self.own.date_closed = fields.Datetime.now() - timedelta(days=4)
        page = self._get_page(self.url).text
        self.assertNotIn("/reopen", page)
        self.assertIn("Open a new case", page)
        self.assertIn('data-allow_composer="0"', page)
        form = self._get_page("/my/cases/new").text
        response = self._send(form, f"{self.url}/reopen")
        self.assertIn("can&#39;t be opened again", response.text)
        self.own.invalidate_recordset()
        self.assertEqual(self.own.stage_kind, "solved")

    # -- rate ------------------------------------------------------------------

    def test_a_customer_rates_once(self):
        self.own.action_solve()
        page = self._get_page(self.url).text
        response = self._send(page, f"{self.url}/rate", rate="4", comment="Quick")
        self.assertIn("You rated our help with 4 of 5", response.text)
        again = self._send(page, f"{self.url}/rate", rate="1")
        self.assertIn("You have rated this case already", again.text)
        self.assertRecordValues(
            self.own.rating_ids.filtered("consumed"),
            [{"rating": 4, "feedback": "Quick"}],
        )
        answer = self.env["crm.feedback"].search([("case_id", "=", self.own.id)])
        self.assertEqual(len(answer), 1)

    def test_an_open_case_or_a_wrong_number_of_stars_is_not_rated(self):
        page = self._get_page(self.url).text
        self.assertNotIn("How satisfied", page)
        self._send(page, f"{self.url}/rate", rate="5")
        self.own.action_solve()
        for rate in ("0", "6", "-1", "five", ""):
            self._send(page, f"{self.url}/rate", rate=rate)
        self.assertFalse(self.own.rating_ids.filtered("consumed"))

    # -- words --------------------------------------------------------------------

    def test_the_page_says_in_plain_words_how_it_stands(self):
        self.assertIn("We have received your message", self._get_page(self.url).text)
        self.own.user_id = self.agent
        self._answer(self.own)
        self.assertIn("Ann is working on it", self._get_page(self.url).text)
        self.own.action_wait()
        self.assertIn("We need something from you", self._get_page(self.url).text)
        self.own.action_solve()
        self.assertIn("This case was solved on", self._get_page(self.url).text)

    def test_account_orders_and_invoices_are_beside_it(self):
        order = self._create_order(self.portal.partner_id)
        self.own.sale_order_id = order
        page = self._get_page(self.url).text
        for link in (f"/my/orders/{order.id}", "/my/invoices", "/my/account"):
            self.assertIn(f'href="{link}"', page)

    def test_every_field_of_the_form_has_a_label(self):
        page = self._get_page("/my/cases/new").text
        for name in ("case_type", "name", "description", "attachments"):
            self.assertIn(f'for="{name}"', page)
            self.assertIn(f'id="{name}"', page)

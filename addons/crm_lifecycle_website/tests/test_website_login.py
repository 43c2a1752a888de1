from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .website_case import WebsiteCase


@tagged("post_install", "-at_install")
class TestWebsiteLogin(WebsiteCase, HttpCase):
    """By HTTP: somebody reads a page three times, another one once, and logs in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Stock registers no visit on a read-only cursor.
        cls.set_registry_readonly_mode(False)

    def _read_and_log_in(self):
        for page in (self.page, self.other_page, self.page, self.page):
            self.assertEqual(self.url_open(page.url).status_code, 200)
        values = {
            "login": "ada_reader",
            "password": "ada_reader",
            "csrf_token": Request.csrf_token(self),
        }
        answer = self.url_open("/web/login", data=values)
        self.assertIn("/my", answer.url)
        self._run_pipeline()
        return self._get_profile()

    def test_with_consent(self):
        self._decide(True)
        self.authenticate(None, None)
        profile = self._read_and_log_in()
        self.assertEqual(profile.favourite_page_id, self.page)
        self.assertEqual(profile.page_view_count, 4)

    def test_without_consent(self):
        self._create_order()
        self.authenticate(None, None)
        profile = self._read_and_log_in()
        self.assertFalse(profile.favourite_page_id or profile.page_view_count)
        self.assertEqual(self._count(), 0)

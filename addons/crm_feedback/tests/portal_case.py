import re

from odoo.tests import HttpCase, new_test_user

from .feedback_case import FeedbackCase


class PortalCase(FeedbackCase, HttpCase):
    """Ada, a customer with a log-in, her own case and somebody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(
            cls.env, "ada_portal", groups="base.group_portal", name="Ada"
        )
        cls.portal.partner_id.write(
            {"parent_id": cls.customer.id, "email": "ada.portal@example.com"}
        )
        cls.own = cls._create_case(description="<p>A long scratch</p>")
        cls.foreign = cls._create_case(
            cls._create_customer("Mallory Ltd"), name="Nobody else's business"
        )

    def _log_in(self):
        self.authenticate("ada_portal", "ada_portal")

    def _get_page(self, url):
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return response

    def _read_csrf_token(self, page):
        return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)

    def _send(self, page, url="/my/cases/create", files=None, **values):
        """Send a form of the page that was opened."""
        token = self._read_csrf_token(page)
        return self.url_open(url, {"csrf_token": token, **values}, files=files)

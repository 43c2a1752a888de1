from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestPrivacyPortal(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.bob = (
            new_test_user(cls.env, login, groups="base.group_portal", name=login)
            for login in ("ann_portal", "bob_portal")
        )
        cls.request_model = cls.env["crm.privacy.request"]

    def _post(self, **values):
        return self.url_open(
            "/my/privacy", data={"csrf_token": Request.csrf_token(self), **values}
        )

    def _find(self, user, kind):
        return self.request_model.search(
            [("partner_id", "=", user.partner_id.id), ("kind", "=", kind)]
        )

    def test_a_customer_asks_for_a_copy_and_downloads_it(self):
        self.authenticate("ann_portal", "ann_portal")
        self.assertIn("Ask for a copy", self.url_open("/my/privacy").text)
        self._post(kind="access")
        self._post(kind="access")
        request = self._find(self.ann, "access")
        self.assertEqual(len(request), 1, "asked twice, made once")
        self.assertEqual((request.source, request.state), ("portal", "open"))
        url = f"/my/privacy/{request.id}/archive"
        self.assertEqual(self.url_open(url).status_code, 404)
        request.action_answer()
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.content.startswith(b"PK"))
        self.assertIn("no-store", answer.headers["Cache-Control"])

    def test_others_do_not_get_it(self):
        request = self.request_model.create(
            {"kind": "access", "partner_id": self.ann.partner_id.id}
        )
        request.action_answer()
        url = f"/my/privacy/{request.id}/archive"
        content = f"/web/content/{request.archive_id.id}?download=true"
        answer = self.url_open(url)
        self.assertFalse(answer.content.startswith(b"PK"), "public")
        self.assertFalse(self.url_open(content).content.startswith(b"PK"))
        self.authenticate("bob_portal", "bob_portal")
        self.assertEqual(self.url_open(url).status_code, 404)
        self.assertFalse(self.url_open(content).content.startswith(b"PK"))
        self.assertNotIn(request.name, self.url_open("/my/privacy").text)

    def test_erasure_needs_a_tick_and_waits_for_a_manager(self):
        self.authenticate("ann_portal", "ann_portal")
        self._post(kind="erasure")
        self.assertFalse(self._find(self.ann, "erasure"))
        self._post(kind="restriction")
        self.assertFalse(self._find(self.ann, "restriction"))
        self._post(kind="erasure", confirmed="1")
        self.assertEqual(self._find(self.ann, "erasure").state, "open")
        self.assertTrue(self.ann.active)

    def test_the_customer_s_own_proof_of_consent(self):
        self.env["crm.consent"]._record(
            self.ann.partner_id, "newsletter", "email", True, "Form", "Words of hers"
        )
        self.assertNotIn("Words of hers", self.url_open("/my/preferences/proof").text)
        self.authenticate("ann_portal", "ann_portal")
        answer = self.url_open("/my/preferences/proof")
        self.assertEqual(answer.status_code, 200)
        if "html" in answer.headers["Content-Type"]:
            self.assertIn("Words of hers", answer.text)
        self.authenticate("bob_portal", "bob_portal")
        self.assertNotIn("Words of hers", self.url_open("/my/preferences/proof").text)

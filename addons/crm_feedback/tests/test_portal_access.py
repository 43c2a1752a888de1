from datetime import timedelta
from threading import current_thread
from unittest.mock import patch
from uuid import uuid4

from odoo import Command, fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .portal_case import PortalCase

# Every address of the portal that names a case, and how it is called.
CASE_ADDRESSES = (
    ("/my/cases/%s", "get"),
    ("/my/cases/%s/close", "post"),
    ("/my/cases/%s/reopen", "post"),
    ("/my/cases/%s/rate", "post"),
)


@tagged("post_install", "-at_install")
class TestPortalAccess(PortalCase):
    """From outside: nobody reaches a case that is not his, by any id or token."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.env.user.company_ids += cls.other_company
        cls.elsewhere = cls._create_case(
            cls._create_customer("Trudy Ltd"),
            name="Elsewhere's business",
            company_id=cls.other_company.id,
            team_id=False,
        )
        cls.follow_up = cls._create_case(
            name="Behind his back",
            feedback_id=cls._create_answers(2).id,
        )

    def _call(self, address, method, case_id, **values):
        if method == "get":
            return self.url_open(address % case_id, params=values)
        return self._send(self.form, address % case_id, rate="1", **values)

    def _assert_unreachable(self, case_id, name, **values):
        for address, method in CASE_ADDRESSES:
            with self.subTest(address=address, case=name, **values):
                response = self._call(address, method, case_id, **values)
                self.assertEqual(response.status_code, 404)
                self.assertNotIn(name, response.text)

    def _forge_tokens(self):
        """Return what somebody may try: nothing, guesses, tokens of other records."""
        order = self._create_order(self.portal.partner_id)
        return (
            None,
            "",
            "wrong",
            "%",
            str(uuid4()),
            self.own._portal_ensure_token(),
            order._portal_ensure_token(),
        )

    def test_the_addresses_checked_are_all_there_are(self):
        # Elsewhere a request has told its thread which database it is about.
        thread, name = current_thread(), self.env.cr.dbname
        with patch.object(thread, "dbname", name, create=True):
            rules = list(self.env["ir.http"].routing_map().iter_rules())
        named = {rule.rule for rule in rules if "case_id" in rule.arguments}
        self.assertEqual(
            {rule for rule in named if rule.startswith("/my/cases")},
            {
                "/my/cases/<int:case_id>",
                "/my/cases/<int:case_id>/<any(close, reopen):step>",
                "/my/cases/<int:case_id>/rate",
            },
        )

    def test_a_stranger_s_case_is_not_found(self):
        strangers = self.foreign | self.elsewhere | self.follow_up
        for login in ("ada_portal", None):
            self.authenticate(login, login)
            self.form = self.url_open("/web/login?redirect=/my").text
            if login:
                self.form = self._get_page("/my/cases/new").text
            for case in strangers:
                for token in self._forge_tokens():
                    values = {} if token is None else {"access_token": token}
                    self._assert_unreachable(case.id, case.name, **values)
        for case in strangers:
            self.assertEqual(case.stage_kind, "open")
            self.assertFalse(case.rating_ids.filtered("consumed"))
            self.assertFalse(case.date_customer_closed)

    def test_no_id_opens_anything(self):
        self._log_in()
        self.form = self._get_page("/my/cases/new").text
        last = self.case.search([], order="id desc", limit=1).id
        for case_id in (0, last + 1, 2**31 - 1, 2**31, 10**30):
            self._assert_unreachable(case_id, "o_portal_chatter")

    @mute_logger("odoo.http")
    def test_the_token_opens_its_own_case_until_it_expires(self):
        token = self.own._portal_ensure_token()
        self.own.action_solve()
        self.case._gc_access_tokens()
        self._get_page(f"/my/cases/{self.own.id}?access_token={token}")
        self.own.date_closed = fields.Datetime.now() - timedelta(days=60)
        self.case._gc_access_tokens()
        self.form = self.url_open("/web/login").text
        self._assert_unreachable(self.own.id, self.own.name, access_token=token)
        thread = {"thread_model": "crm.case", "thread_id": self.own.id}
        response = self.url_open(
            "/mail/message/post",
            json={
                "params": {
                    **thread,
                    "token": token,
                    "post_data": {"body": "Late", "message_type": "comment"},
                }
            },
        )
        self.assertIn("error", response.json())
        self.assertNotIn("Late", str(self.own.message_ids.mapped("body")))

    def test_a_colleague_sees_it_only_with_the_right(self):
        colleague = new_test_user(
            self.env, "alan_portal", groups="base.group_portal", name="Alan"
        )
        colleague.partner_id.parent_id = self.customer
        own = self._create_case(colleague.partner_id, name="Alan's own")
        self.authenticate("alan_portal", "alan_portal")
        self.assertIn(self.own.number, self._get_page("/my/cases").text)
        colleague.partner_id.sees_company_cases = False
        self.form = self._get_page("/my/cases/new").text
        self._assert_unreachable(self.own.id, self.own.name)
        listed = self._get_page("/my/cases").text
        self.assertNotIn(self.own.number, listed)
        self.assertIn(own.number, listed)

    def test_the_list_never_shows_a_stranger_s_case(self):
        self._log_in()
        for address in ("/my/cases", "/my/cases/page/2", "/my/cases?filterby=open"):
            text = self._get_page(address).text
            for case in self.foreign | self.elsewhere | self.follow_up:
                self.assertNotIn(case.number, text)

    def test_a_stranger_s_attachment_is_not_found(self):
        photo = self.env["ir.attachment"].create(
            {
                "name": "secret.txt",
                "raw": b"secret words",
                "res_model": "crm.case",
                "res_id": self.foreign.id,
            }
        )
        for login in ("ada_portal", None):
            self.authenticate(login, login)
            for address in ("/web/content/%s", "/web/image/%s"):
                response = self.url_open(address % photo.id)
                self.assertNotIn(b"secret words", response.content)

    def test_the_order_of_another_company_is_not_offered(self):
        order = self._create_order(self.foreign.partner_id)
        self._log_in()
        for about in (f"order-{order.id}", f"line-{order.order_line[:1].id}"):
            page = self._get_page(f"/my/cases/new?about={about}").text
            self.assertNotIn(order.name, page)
        for about in ("line-", "line-x", "order--1", f"order-{10**30}", "x" * 500):
            self._get_page(f"/my/cases/new?about={about}")

    def test_a_user_of_another_company_of_ours_is_no_customer(self):
        outsider = new_test_user(
            self.env,
            "outsider",
            groups="crm_feedback.crm_feedback_group_user",
            company_id=self.other_company.id,
            company_ids=[Command.set(self.other_company.ids)],
        )
        self.authenticate(outsider.login, outsider.login)
        self.form = self._get_page("/my/cases/new").text
        self._assert_unreachable(self.own.id, self.own.name)

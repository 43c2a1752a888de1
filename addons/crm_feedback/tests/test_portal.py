from odoo.tests import tagged

from .portal_case import PortalCase


@tagged("post_install", "-at_install")
class TestPortal(PortalCase):
    def test_the_list_shows_the_customer_s_cases(self):
        self._log_in()
        text = self._get_page("/my/cases").text
        self.assertIn(self.own.number, text)
        self.assertNotIn(self.foreign.number, text)

    def test_filters_and_orders(self):
        self._log_in()
        text = self._get_page("/my/cases?filterby=closed&sortby=stage").text
        self.assertNotIn(self.own.number, text)
        self.assertIn("No case matches", text)
        self._get_page("/my/cases?filterby=nonsense&sortby=nonsense")

    def test_a_case_opens(self):
        self._log_in()
        text = self._get_page(f"/my/cases/{self.own.id}").text
        self.assertIn("Scratched chair", text)
        self.assertIn("A long scratch", text)
        self.assertIn("o_portal_chatter", text)

    def test_without_log_in_a_case_needs_its_token(self):
        response = self.url_open(f"/my/cases/{self.own.id}")
        self.assertEqual(response.status_code, 404)
        self.assertNotIn("Scratched chair", response.text)
        token = self.own._portal_ensure_token()
        text = self._get_page(f"/my/cases/{self.own.id}?access_token={token}").text
        self.assertIn("Scratched chair", text)

    def test_the_order_leads_to_a_new_case_about_it(self):
        order = self._create_order(self.portal.partner_id)
        self._log_in()
        link = f"/my/cases/new?about=order-{order.id}"
        self.assertIn(link, self._get_page(f"/my/orders/{order.id}").text)
        self.assertRegex(
            self._get_page(link).text, rf'value="order-{order.id}" selected'
        )

    def test_each_line_of_the_order_leads_to_a_new_case_about_it(self):
        order = self._create_order(self.portal.partner_id)
        line = order.order_line[:1]
        self._log_in()
        page = self._get_page(f"/my/orders/{order.id}").text
        for word in ("Complain", "Return", "Exchange", "Ask"):
            self.assertIn(f">{word}</a>", page)
        link = f"/my/cases/new?about=line-{line.id}&case_type=request"
        form = self._get_page(f"{link}&requested_remedy=exchange").text
        self.assertRegex(form, rf'value="line-{line.id}" selected')
        self.assertRegex(form, r'value="exchange" selected')

    def test_a_customer_opens_a_case(self):
        order = self._create_order(self.portal.partner_id)
        self._log_in()
        page = self._get_page("/my/cases/new").text
        self.assertIn(order.name, page)
        response = self._send(
            page,
            name="Two legs missing",
            description="<b>Only</b> two of four\nlegs came.",
            case_type="complaint",
            about=f"line-{order.order_line[:1].id}",
            requested_remedy="exchange",
        )
        case = self.case.search([("name", "=", "Two legs missing")])
        self.assertRecordValues(
            case,
            [
                {
                    "partner_id": self.portal.partner_id.id,
                    "case_type": "complaint",
                    "channel": "portal",
                    "sale_order_id": order.id,
                    "product_id": order.order_line[:1].product_id.id,
                    "requested_remedy": "exchange",
                }
            ],
        )
        self.assertIn("&lt;b&gt;Only", case.description)
        self.assertTrue(case.date_acknowledged)
        self.assertTrue(response.url.endswith(f"/my/cases/{case.id}"))

    def test_a_customer_can_t_name_another_s_order_or_type(self):
        foreign_order = self._create_order(self.foreign.partner_id)
        self._log_in()
        page = self._get_page("/my/cases/new").text
        self._send(
            page,
            name="Sneaky",
            description="Show me that order",
            case_type="incident",
            about=f"line-{foreign_order.order_line[:1].id}",
            partner_id=self.foreign.partner_id.id,
        )
        case = self.case.search([("name", "=", "Sneaky")])
        self.assertFalse(case.sale_order_id)
        self.assertFalse(case.line_ids)
        self.assertEqual(case.case_type, "question")
        self.assertEqual(case.partner_id, self.portal.partner_id)

    def test_an_empty_form_comes_back_with_what_was_typed(self):
        self._log_in()
        page = self._get_page("/my/cases/new").text
        response = self._send(page, name="  ", description="Kept text")
        self.assertIn("Please give a subject", response.text)
        self.assertIn("Kept text", response.text)

    def test_a_customer_answers(self):
        self.own.action_wait()
        self._log_in()
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "crm.case",
                "thread_id": self.own.id,
                "post_data": {
                    "body": "Here is the photo",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                },
            },
        )
        bodies = " ".join(self.own.message_ids.mapped("body"))
        self.assertIn("Here is the photo", bodies)
        self.assertEqual(self.own.stage_kind, "open")

    def test_the_survey_is_answered_on_its_public_page(self):
        program = self._create_program()
        self.own.action_solve()
        invitation = program.invitation_ids
        page = self._get_page(invitation.get_start_url()).text
        self.assertIn("How did we do?", page)
        url = f"{program.survey_id.access_token}/{invitation.access_token}"
        self.make_jsonrpc_request(f"/survey/begin/{url}")
        self.make_jsonrpc_request(
            f"/survey/submit/{url}",
            {
                str(program.question_id.id): "3",
                str(program.comment_question_id.id): "Three weeks!",
            },
        )
        self.assertEqual(invitation.state, "done")
        answer = self.env["crm.feedback"].search([("case_id", "=", self.own.id)])
        self.assertEqual((answer.score, answer.comment), (3, "Three weeks!"))
        follow_up = answer.follow_up_ids
        self.assertEqual(follow_up.user_id, self.agent)
        self.assertTrue(follow_up.activity_ids)

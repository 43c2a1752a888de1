from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestPhone(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.customer.write({"phone": "+32 470 12 34 56", "ref": "C-0815"})
        cls.colleague = cls._create_customer(
            "Grace", parent_id=cls.customer.id, phone="+32 471 99 88 77"
        )

    def _find(self, text):
        partners = self.env["res.partner"].with_user(self.agent)
        found = partners.with_context(crm_find_caller=True).name_search(text)
        return [partner_id for partner_id, _name in found]

    def test_digits_find_the_caller(self):
        for text in ("0470 12", "+32470123456", "12 34 56"):
            with self.subTest(text=text):
                self.assertIn(self.customer.id, self._find(text))
        self.assertEqual(self._find("0471 99"), self.colleague.ids)

    def test_so_do_address_number_name_order_and_case(self):
        order = self._create_order()
        case = self._create_case()
        for text in ("ada@example", "C-0815", "Ada", order.name, case.number):
            with self.subTest(text=text):
                self.assertIn(self.customer.id, self._find(text))

    def test_elsewhere_numbers_find_no_contacts(self):
        partners = self.env["res.partner"].with_user(self.agent)
        self.assertFalse(partners.name_search("0470 12"))

    def test_the_form_shows_who_calls_and_opens_a_case(self):
        order = self._create_order()
        before = self._create_case()
        form = Form(
            self.case.with_user(self.agent).with_context(
                default_channel="phone", default_user_id=self.agent.id
            ),
            view="crm_feedback.crm_case_view_form_phone",
        )
        form.partner_id = self.customer
        self.assertEqual(form.caller_case_ids.ids, before.ids)
        self.assertEqual(form.caller_order_ids.ids, order.ids)
        self.assertEqual(form.phone, self.customer.phone)
        form.name = "Where is my order?"
        case = form.save()
        self.assertEqual(case.channel, "phone")
        self.assertEqual(case.user_id, self.agent)
        self.assertEqual(case.action_take_call()["res_id"], case.id)


@tagged("post_install", "-at_install")
class TestOpenCase(FeedbackCase):
    def _open(self, **values):
        return (
            self.case.with_user(self.agent)
            .with_context(default_team_id=self.team.id)
            .open_case(**{"subject": "Broken", "email": "ada@example.com", **values})
        )

    def test_another_system_opens_a_case(self):
        self._create_policy()
        result = self._open(description="<b>It</b> broke", case_type="complaint")
        case = self.case.browse(result["id"])
        self.assertRecordValues(
            case,
            [
                {
                    "partner_id": self.customer.id,
                    "channel": "api",
                    "case_type": "complaint",
                    "number": result["number"],
                }
            ],
        )
        self.assertIn("&lt;b&gt;", case.description)
        self.assertTrue(case.date_acknowledged)
        self.assertTrue(result["expected_answer"])

    def test_the_same_key_opens_one_case(self):
        first = self._open(key="shop-1")
        again = self._open(key="shop-1")
        self.assertEqual(first["id"], again["id"])
        self.assertEqual((first["created"], again["created"]), (True, False))

    def test_an_order_brings_its_products(self):
        order = self._create_order()
        case = self.case.browse(self._open(order=order.name)["id"])
        self.assertEqual(case.sale_order_id, order)
        self.assertEqual(case.product_id, self.product)

    def test_the_order_of_somebody_else_is_not_taken(self):
        order = self._create_order(self._create_customer("Mallory Ltd"))
        case = self.case.browse(self._open(order=order.name)["id"])
        self.assertFalse(case.sale_order_id)

    def test_an_unknown_customer_is_made(self):
        result = self._open(email="new@example.com", name="Newton")
        self.assertEqual(self.case.browse(result["id"]).partner_id.name, "Newton")

    def test_what_is_missing_is_said(self):
        with self.assertRaisesRegex(UserError, "subject"):
            self._open(subject=" ")
        with self.assertRaisesRegex(UserError, "e-mail"):
            self._open(email="")

    def test_only_agents_may(self):
        with self.assertRaises(AccessError):
            self.case.with_user(self.user).open_case(subject="Hi", phone="1234")


@tagged("post_install", "-at_install")
class TestPresence(FeedbackCase):
    def test_a_second_editor_is_warned(self):
        case = self._create_case()
        self.env.flush_all()
        first = case.with_user(self.agent).notice_viewer()
        self.assertEqual(first["others"], [])
        second = case.with_user(self.other_agent).notice_viewer()
        self.assertEqual(second["others"], [self.agent.name])
        self.assertEqual(
            case.with_user(self.agent).notice_viewer()["others"],
            [self.other_agent.name],
        )

    def test_who_changed_it_is_told_to_the_other(self):
        case = self._create_case()
        case.with_user(self.other_agent).name = "Changed"
        self.env.flush_all()
        seen = case.with_user(self.agent).notice_viewer()
        self.assertEqual(seen["writer"], self.other_agent.name)
        own = case.with_user(self.other_agent).notice_viewer()
        self.assertFalse(own["writer"])


@tagged("post_install", "-at_install")
class TestComplaintSteps(FeedbackCase):
    def test_a_complaint_walks_the_eight_steps(self):
        self._create_policy()
        case = self._receive_mail()
        case.case_type = "complaint"
        case.category_id = self.env["crm.case.category"].create({"name": "Defect"})
        case.user_id = self.agent
        done = [bool(step["date"]) for step in case.complaint_steps]
        self.assertEqual(done, [True] * 4 + [False] * 4)
        case.root_cause_id = self.cause
        self._answer(case)
        case.resolution_id = self.resolution
        self.assertEqual(case.complaint_progress, 6)
        self._answer(case)
        case.action_solve()
        self.assertEqual(case.complaint_progress, 8)
        self.assertEqual(len(case.complaint_steps), 8)

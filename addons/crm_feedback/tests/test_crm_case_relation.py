from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCaseRelation(FeedbackCase):
    def test_a_second_mail_about_the_same_is_a_duplicate(self):
        first = self._receive_mail()
        second = self._receive_mail(subject="RE: Fwd: broken LAMP")
        self.assertRecordValues(
            second.link_ids,
            [{"other_case_id": first.id, "kind": "duplicate", "is_suspected": True}],
        )
        self.assertIn(first.number, second.suspect_text)
        second.with_user(self.agent).action_merge_suspect()
        self.assertEqual(second.merged_into_id, first)

    def test_a_complaint_about_the_same_order_is_a_repeat(self):
        order = self._create_order()
        first = self._create_complaint(sale_order_id=order.id)
        self._solve(first)
        second = self._create_complaint(name="Again!", sale_order_id=order.id)
        self.assertRecordValues(
            second.link_ids, [{"other_case_id": first.id, "kind": "repeat"}]
        )

    def test_other_matters_and_other_customers_are_not_linked(self):
        self._create_complaint()
        stranger = self._create_customer("Mallory Ltd")
        self.assertFalse(self._create_complaint(stranger).link_ids)
        self.assertFalse(self._create_complaint(name="Something else").link_ids)
        self.assertFalse(self._create_case(case_type="question").link_ids)

    def test_long_ago_is_no_repeat(self):
        first = self._create_complaint(
            date_received=fields.Datetime.to_datetime("2020-01-01")
        )
        self._solve(first)
        first.date_closed = fields.Datetime.to_datetime("2020-01-02")
        self.assertFalse(self._create_complaint().link_ids)

    def test_an_agent_says_that_it_is_not_the_same(self):
        self._create_complaint()
        second = self._create_complaint().with_user(self.agent)
        second.action_dismiss_suspect()
        self.assertFalse(second.link_ids)

    def test_recognition_takes_one_query_for_many(self):
        cases = self.case.concat(*[self._create_case() for _turn in range(5)])
        cases.link_ids.unlink()
        self.env.flush_all()
        with self.assertQueryCount(5):
            cases._link_similar()
            self.env.flush_all()
        self.assertEqual(len(cases.link_ids), 4)


@tagged("post_install", "-at_install")
class TestCrmCaseIncident(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.parent = cls._create_case(case_type="incident", name="Wrong glue")
        template = cls.parent.closing_template_id
        template.with_context(lang="fr_FR").body_html = "<p>Nous avons compris</p>"
        cls.customers = cls.env["res.partner"].create(
            [
                {
                    "name": f"Client {number}",
                    "email": f"client{number}@example.com",
                    "lang": "fr_FR" if number % 2 else "en_US",
                }
                for number in range(30)
            ]
        )
        cls.children = cls.case.create(
            [
                {
                    "name": "It came apart",
                    "case_type": "complaint",
                    "partner_id": customer.id,
                    "team_id": cls.team.id,
                    "parent_id": cls.parent.id,
                }
                for customer in cls.customers
            ]
        )

    def test_solving_the_parent_answers_and_solves_its_children(self):
        parent = self.parent.with_user(self.agent)
        self.assertEqual(parent.open_child_count, 30)
        parent.write(
            {"root_cause_id": self.cause.id, "resolution_id": self.resolution.id}
        )
        parent.action_solve()
        self.assertEqual(set(self.children.mapped("stage_kind")), {"solved"})
        self.assertEqual(self.children.root_cause_id, self.cause)
        for child in self.children:
            answer = child.message_ids.filtered(lambda m: m.message_type == "comment")
            self.assertEqual(len(answer), 1)
            self.assertEqual(answer.author_id, self.agent.partner_id)
            french = child.partner_id.lang == "fr_FR"
            self.assertEqual("Nous avons compris" in answer.body, french)
            self.assertEqual("hit several customers" in answer.body, not french)
            mails = self.env["mail.mail"].search([("mail_message_id", "=", answer.id)])
            self.assertEqual(mails.recipient_ids, child.partner_id)

    def test_all_customers_hit_are_answered_before_it_is_solved(self):
        macro = self.env["crm.case.macro"].create(
            {
                "name": "We know",
                "template_id": self.env.ref(
                    "crm_feedback.mail_template_case_solved"
                ).id,
            }
        )
        action = self.parent.with_user(self.agent).action_answer_children()
        wizard = self.env["crm.case.run.macro"].with_user(self.agent)
        wizard = wizard.with_context(**action["context"]).create({"macro_id": macro.id})
        self.assertEqual(wizard.case_count, 30)
        wizard.action_run()
        self.assertTrue(all(self.children.mapped("date_responded")))
        self.assertEqual(set(self.children.mapped("stage_kind")), {"open"})

    def test_children_that_lack_something_stop_the_parent(self):
        with self.assertRaisesRegex(Exception, "root cause"):
            self.parent.with_user(self.agent).action_solve()

    def test_no_parent_of_parents(self):
        top = self._create_case(name="Top")
        with self.assertRaises(ValidationError):
            self.parent.parent_id = top
        with self.assertRaises(ValidationError):
            top.parent_id = self.children[0]

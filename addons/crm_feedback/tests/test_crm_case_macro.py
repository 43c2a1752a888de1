from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCaseMacro(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env.ref("crm_feedback.mail_template_case_solved")
        cls.macro = cls.env["crm.case.macro"].create(
            {
                "name": "Replace and solve",
                "template_id": cls.template.id,
                "assign": "me",
                "root_cause_id": cls.cause.id,
                "resolution_id": cls.resolution.id,
                "severity": "2",
                "note": "By macro",
                "stage_id": cls.stages["solved"].id,
            }
        )

    def _open_wizard(self, cases):
        wizard = self.env["crm.case.run.macro"].with_user(self.agent)
        return Form(wizard.with_context(active_model="crm.case", active_ids=cases.ids))

    def test_one_click_answers_changes_and_solves_many(self):
        other = self._create_customer("Grace")
        cases = self._create_complaint() | self._create_complaint(other)
        form = self._open_wizard(cases)
        self.assertEqual(form.case_count, 2, "said before it runs")
        form.macro_id = self.macro
        self.assertIn(cases[0].number, form.preview)
        form.save().action_run()
        for case in cases:
            self.assertRecordValues(
                case,
                [
                    {
                        "stage_kind": "solved",
                        "user_id": self.agent.id,
                        "severity": "2",
                        "resolution_id": self.resolution.id,
                    }
                ],
            )
            answer = case.message_ids.filtered(lambda m: m.message_type == "comment")
            self.assertIn(case.number, answer.body)
            self.assertEqual(answer.partner_ids, case.partner_id)

    def test_the_answer_is_in_the_customer_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.template.with_context(lang="fr_FR").body_html = "<p>C'est fait</p>"
        self.customer.lang = "fr_FR"
        case = self._create_complaint()
        self.macro.with_user(self.agent)._run(case)
        answer = case.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertIn("C'est fait", answer.body)

    def test_the_internal_note_is_not_sent(self):
        case = self._create_complaint()
        self.macro.with_user(self.agent)._run(case)
        note = case.message_ids.filtered(lambda m: "By macro" in (m.body or ""))
        self.assertTrue(note.subtype_id.internal or note.is_internal)
        self.assertFalse(note.notified_partner_ids)

    def test_a_customer_without_address_is_named(self):
        case = self._create_complaint(self._create_customer("Mute", email=False))
        with self.assertRaisesRegex(UserError, case.number):
            self.macro.with_user(self.agent)._run(case)

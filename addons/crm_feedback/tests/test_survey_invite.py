from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestSurveyInvite(FeedbackCase):
    """A survey for the members of a segment, sent from stock's own window."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._create_program()
        cls.survey = cls.program.survey_id
        cls.refusing = cls._create_customer("Refusing")
        cls.mute = cls._create_customer("Mute", email=False)
        cls.stranger = cls._create_customer("Stranger")
        cls.segment = cls.env["crm.segment"].create({"name": "Club", "kind": "static"})
        members = cls.customer | cls.refusing | cls.mute
        cls.env["crm.segment.member"].create(
            [{"segment_id": cls.segment.id, "partner_id": p.id} for p in members]
        )
        cls.env["crm.consent"]._record(
            cls.refusing, "survey", "email", False, "Test", "Surveys"
        )

    def _invite(self):
        action = self.survey.action_send_survey()
        invites = self.env["survey.invite"].with_context(**action["context"])
        with Form(invites) as form:
            form.crm_segment_ids = self.segment
            self.assertEqual(form.segment_recipient_count, 1)
        return form.record

    def test_members_who_may_be_asked_are_invited(self):
        self._invite().action_invite()
        invited = self.env["survey.user_input"].search(
            [("survey_id", "=", self.survey.id), ("state", "=", "new")]
        )
        self.assertEqual(invited.partner_id, self.customer)

    def test_the_invitation_says_how_to_decline_the_next(self):
        self._invite().action_invite()
        mail = self.env["mail.mail"].search(
            [("recipient_ids", "in", self.customer.ids)], order="id desc", limit=1
        )
        self.assertIn("/preferences/", mail.body_html)

    def test_who_was_picked_by_hand_and_said_no_is_left_out(self):
        action = self.survey.action_send_survey()
        invites = self.env["survey.invite"].with_context(**action["context"])
        with Form(invites) as form:
            form.partner_ids.add(self.refusing)
            self.assertEqual(form.held_note, "Refusing: Said no")
            form.partner_ids.add(self.stranger)
        form.record.action_invite()
        answers = self.env["survey.user_input"].search(
            [("survey_id", "=", self.survey.id), ("state", "=", "new")]
        )
        self.assertEqual(answers.partner_id, self.stranger)
        form.record.partner_ids = self.refusing
        with self.assertRaisesRegex(UserError, "Refusing: Said no"):
            form.record.action_invite()

    def test_an_exam_is_taken_and_not_declined(self):
        self.survey.survey_type = "assessment"
        invite = self.env["survey.invite"].new({"survey_id": self.survey.id})
        self.assertEqual(invite._ask(self.refusing).allowed, self.refusing)

    def test_nobody_to_ask_is_said(self):
        invite = self._invite()
        self.segment.member_ids.filtered(
            lambda member: member.partner_id == self.customer
        ).action_leave()
        with self.assertRaisesRegex(UserError, "None of the members"):
            invite.action_invite()

    def test_too_many_are_left_to_a_mailing(self):
        path = "odoo.addons.crm_feedback.wizard.survey_invite.MOST_RECIPIENTS"
        invite = self._invite()
        with patch(path, 0), self.assertRaisesRegex(UserError, "mailing"):
            invite.action_invite()

    def test_a_program_for_members_asks_no_others(self):
        self.program.crm_segment_ids = self.segment
        for partner in (self.customer, self.stranger):
            self._create_case(partner).action_solve()
        self.assertEqual(self.program.invitation_ids.partner_id, self.customer)

    def test_it_says_why_others_were_not_asked(self):
        self.program.crm_segment_ids = self.segment
        case = self._create_case(self.stranger)
        case.action_solve()
        notes = " ".join(case.message_ids.mapped("body"))
        self.assertIn("not in its segments", notes)

from email.message import EmailMessage

from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestShippedConfiguration(LifecycleCase):
    """What is installed works as it is, before anybody configures anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "shipped.example.com"})
        cls.env.company.alias_domain_id = domain
        cls.team = cls.env.ref("crm_feedback.crm_case_team_complaints")
        cls.team.alias_domain_id = domain
        cls.team.alias_name = "complaints"

    def _receive_complaint(self):
        mail = EmailMessage()
        mail["From"] = "Ada <ada@example.com>"
        mail["To"] = "complaints@shipped.example.com"
        mail["Subject"] = "The chairs are scratched"
        mail["Message-Id"] = "<complaint@example.com>"
        mail.set_content("Two of four.")
        case_id = self.env["mail.thread"].message_process(None, mail.as_bytes())
        return self.env["crm.case"].browse(case_id)

    def test_a_complaint_goes_from_email_to_survey_to_follow_up(self):
        case = self._receive_complaint()
        self.assertEqual(case.case_type, "complaint")
        self.assertEqual(case.team_id, self.team)
        self.assertEqual(case.user_id, self.env.ref("base.user_admin"))
        self.assertTrue(case.routing_note)
        self.assertEqual(
            case.sla_policy_id, self.env.ref("crm_feedback.crm_sla_policy_complaint")
        )
        self.assertTrue(case.date_due and case.date_acknowledged)

        case.with_user(case.user_id).message_post(
            body="New chairs are on their way.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=case.partner_id.ids,
        )
        case.root_cause_id = self.env.ref("crm_feedback.crm_root_cause_carrier")
        case.resolution_id = self.env.ref(
            "crm_feedback.crm_case_resolution_replacement"
        )
        case.action_solve()
        self.assertEqual(case.sla_state, "reached")

        program = self.env.ref("crm_feedback.crm_feedback_program_case")
        invitation = program.invitation_ids.filtered(
            lambda answer: answer.feedback_case_id == case
        )
        invitation._save_lines(program.question_id, "2")
        invitation._mark_done()
        follow_up = case.feedback_ids.follow_up_ids
        self.assertTrue(follow_up.user_id and follow_up.activity_ids)
        self.assertEqual(
            set(
                self.event.search(
                    [("partner_id", "=", self.customer.id)]
                ).type_id.mapped("code")
            ),
            {
                "case_opened",
                "case_solved",
                "survey_sent",
                "survey_answered",
                "detractor_answer",
            },
        )

    def test_each_kind_of_stage_exists(self):
        kinds = set(self.env["crm.case.stage"].search([]).mapped("kind"))
        self.assertEqual(kinds, {"open", "waiting", "solved", "cancelled"})

    def test_event_types_capture_what_history_has(self):
        case = self.env["crm.case"].create(
            {"name": "Old", "partner_id": self.customer.id}
        )
        self.env["crm.feedback"].create(
            {
                "date": case.date_received,
                "source": "survey",
                "scale": "nps",
                "score": 2,
                "partner_id": self.customer.id,
            }
        )
        case.action_solve()
        before = self.event.search([("partner_id", "=", self.customer.id)])
        self.event.browse(before.ids).sudo().unlink()
        types = self.event_type.search(
            [("code", "in", ("case_opened", "case_solved", "detractor_answer"))]
        )
        self.assertEqual(len(types), 3)
        for event_type in types:
            event_type._insert_events(Domain("id", ">", 0))
        codes = self.event.search([("partner_id", "=", self.customer.id)]).type_id
        self.assertEqual(set(codes.mapped("code")), set(types.mapped("code")))

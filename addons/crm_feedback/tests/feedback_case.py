from email.message import EmailMessage
from uuid import uuid4

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


class FeedbackCase(LifecycleCase):
    """A service team of two agents that works from 8 to 12 and from 13 to 17, UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Only what a test makes may decide: shipped records step aside.
        cls.env["crm.sla.policy"].search([]).active = False
        cls.env["crm.feedback.program"].search([]).active = False
        cls.case = cls.env["crm.case"]
        cls.agent = cls._create_agent("agent_ann", "Ann")
        cls.other_agent = cls._create_agent("agent_bob", "Bob")
        cls.service_manager = new_test_user(
            cls.env,
            "service_manager",
            groups="crm_feedback.crm_feedback_group_manager",
        )
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Office hours",
                "tz": "UTC",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Work",
                            "dayofweek": str(day),
                            "day_period": period,
                            "hour_from": start,
                            "hour_to": stop,
                        }
                    )
                    for day in range(5)
                    for period, start, stop in (
                        ("morning", 8, 12),
                        ("lunch", 12, 13),
                        ("afternoon", 13, 17),
                    )
                ],
            }
        )
        cls.alias_domain = cls.env["mail.alias.domain"].create(
            {"name": "service.example.com"}
        )
        cls.env.company.alias_domain_id = cls.alias_domain
        cls.team = cls.env["crm.case.team"].create(
            {
                "name": "Desk",
                "alias_name": "desk-test",
                "alias_domain_id": cls.alias_domain.id,
                "resource_calendar_id": cls.calendar.id,
                "member_ids": [Command.set((cls.agent | cls.other_agent).ids)],
                "user_id": cls.agent.id,
                "assignment": "manual",
            }
        )
        cls.stages = {
            stage.kind: stage
            for stage in cls.env["crm.case.stage"].search([], order="sequence desc")
        }
        cls.cause = cls.env["crm.root.cause"].create({"name": "Picking"})
        cls.resolution = cls.env["crm.case.resolution"].create(
            {"name": "Replaced", "kind": "replacement"}
        )

    @classmethod
    def _create_agent(cls, login, name):
        return new_test_user(
            cls.env,
            login,
            name=name,
            email=f"{login}@company.example.com",
            groups="crm_feedback.crm_feedback_group_user",
        )

    @classmethod
    def _create_case(cls, partner=None, **values):
        return cls.case.create(
            {
                "name": "Scratched chair",
                "partner_id": (partner or cls.customer).id,
                "team_id": cls.team.id,
                **values,
            }
        )

    @classmethod
    def _create_complaint(cls, partner=None, **values):
        return cls._create_case(partner, case_type="complaint", **values)

    @classmethod
    def _answer(cls, case, user=None):
        """Answer the customer as an agent does in the chatter."""
        return case.with_user(user or cls.agent).message_post(
            body="We send a new one.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=case.partner_id.ids,
        )

    @classmethod
    def _solve(cls, case):
        """Do all that closing asks for, and close."""
        cls._answer(case)
        case.write({"root_cause_id": cls.cause.id, "resolution_id": cls.resolution.id})
        case.action_solve()

    @classmethod
    def _create_policy(cls, **values):
        return cls.env["crm.sla.policy"].create(
            {
                "name": "Promise",
                "first_response_hours": 4,
                "resolution_hours": 16,
                **values,
            }
        )

    @classmethod
    def _create_program(cls, **values):
        survey = cls.env.ref("crm_feedback.survey_nps")
        return cls.env["crm.feedback.program"].create(
            {
                "name": "After a case",
                "company_id": cls.env.company.id,
                "survey_id": survey.id,
                "question_id": cls.env.ref("crm_feedback.survey_nps_question_score").id,
                "comment_question_id": cls.env.ref(
                    "crm_feedback.survey_nps_question_comment"
                ).id,
                "follow_up_team_id": cls.team.id,
                **values,
            }
        )

    @classmethod
    def _create_answers(cls, *scores, **values):
        return cls.env["crm.feedback"].create(
            [
                {
                    "date": fields.Datetime.now(),
                    "source": "survey",
                    "scale": "nps",
                    "score": score,
                    "partner_id": cls.customer.id,
                    **values,
                }
                for score in scores
            ]
        )

    @classmethod
    def _receive_mail(cls, sender="Eve <eve@client.example.com>", **headers):
        """Let an e-mail come in through the mail gateway; return its case."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = headers.pop("to", "desk-test@service.example.com")
        mail["Subject"] = headers.pop("subject", "Broken lamp")
        mail["Message-Id"] = headers.pop("message_id", f"<{uuid4()}@client>")
        body = headers.pop("body", "It does not light up.")
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(body)
        case_id = cls.env["mail.thread"].message_process(None, mail.as_bytes())
        return cls.case.browse(case_id)

    def assertMissing(self, case, *words):
        """Assert that a case can't be closed, and that the message says why."""
        with self.assertRaises(Exception) as caught:
            case.action_solve()
        for word in words:
            self.assertIn(word, str(caught.exception))

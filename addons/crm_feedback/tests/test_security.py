from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .feedback_case import FeedbackCase

# What each role may do: letters of create, read, write, unlink.
RIGHTS = {
    "crm.case": {"agent": "crw", "manager": "crwu", "portal": "r"},
    "crm.case.stage": {"agent": "r", "manager": "crwu"},
    "crm.case.category": {"agent": "r", "manager": "crwu"},
    "crm.case.resolution": {"agent": "r", "manager": "crwu"},
    "crm.case.team": {"agent": "r", "manager": "crwu"},
    "crm.case.pause": {"agent": "r", "manager": "r"},
    "crm.routing.rule": {"agent": "r", "manager": "crwu"},
    "crm.sla.policy": {"agent": "r", "manager": "crwu"},
    "crm.sla.status": {"agent": "r", "manager": "r"},
    "crm.sla.escalation": {"agent": "r", "manager": "crwu"},
    "crm.case.skill": {"agent": "r", "manager": "crwu"},
    "crm.case.agent": {"agent": "r", "manager": "crwu"},
    "crm.case.agent.skill": {"agent": "r", "manager": "crwu"},
    "crm.case.absence": {"agent": "r", "manager": "crwu"},
    "crm.case.channel.weight": {"agent": "r", "manager": "crwu"},
    "crm.routing.simulation": {"agent": "", "manager": "crwu"},
    "crm.routing.simulation.line": {"agent": "", "manager": "crwu"},
    "crm.case.work": {"agent": "r", "manager": "r"},
    "crm.case.report": {"agent": "r", "manager": "r"},
    "crm.case.staffing": {"agent": "", "manager": "crwu"},
    "crm.case.staffing.line": {"agent": "", "manager": "crwu"},
    "crm.sla.remedy": {"agent": "r", "manager": "crwu"},
    "crm.root.cause": {"agent": "r", "manager": "crwu"},
    "crm.corrective.action": {"agent": "crw", "manager": "crwu"},
    "crm.feedback": {"agent": "r", "manager": "rwu"},
    "crm.feedback.program": {"agent": "r", "manager": "crwu"},
    "crm.case.classifier": {"agent": "", "manager": "rw"},
    "crm.knowledge.article": {"agent": "crw", "manager": "crwu"},
    "crm.knowledge.version": {"agent": "r", "manager": "r"},
    "crm.knowledge.vote": {"agent": "r", "manager": "r"},
    "crm.knowledge.reading": {"agent": "r", "manager": "r"},
    "crm.knowledge.search": {"agent": "r", "manager": "r"},
    "crm.knowledge.gap.report": {"agent": "r", "manager": "r"},
    "crm.early.warning": {"agent": "rw", "manager": "rwu"},
    "crm.case.why": {"agent": "crwu", "manager": "crwu"},
    "crm.quality.cost.report": {"agent": "", "manager": "r"},
    "crm.pareto.report": {"agent": "r", "manager": "r"},
    "crm.satisfaction.report": {"agent": "r", "manager": "r"},
    "crm.recovery.report": {"agent": "r", "manager": "r"},
    "crm.nps.report": {"agent": "r", "manager": "r"},
    "crm.case.compensation": {"agent": "crwu", "manager": "crwu"},
    "crm.compensation.limit": {"agent": "r", "manager": "crwu"},
    "crm.case.viewer": {"agent": "", "manager": "r"},
    "crm.case.visit": {"agent": "crw", "manager": "crwu"},
    "crm.case.visit.part": {"agent": "crwu", "manager": "crwu"},
    "crm.case.visit.check": {"agent": "crwu", "manager": "crwu"},
    "crm.visit.checklist.item": {"agent": "r", "manager": "crwu"},
    "crm.service.contract": {"agent": "r", "manager": "crwu"},
    "crm.service.entitlement": {"agent": "r", "manager": "crwu"},
    "crm.case.line": {"agent": "crwu", "manager": "crwu"},
    "crm.case.link": {"agent": "crwu", "manager": "crwu"},
    "crm.case.macro": {"agent": "r", "manager": "crwu"},
}
OPERATIONS = {"c": "create", "r": "read", "w": "write", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestSecurity(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._create_customer(
            "Alan", parent_id=cls.customer.id, is_company=False
        )
        cls.portal = new_test_user(
            cls.env, "ada_portal", groups="base.group_portal", partner_id=None
        )
        cls.portal.partner_id.parent_id = cls.customer
        cls.stranger = cls._create_customer("Mallory Ltd")

    def test_rights_of_each_role(self):
        employee = new_test_user(self.env, "employee", groups="base.group_user")
        for model_name, rights in RIGHTS.items():
            by_user = {
                self.agent: rights["agent"],
                self.service_manager: rights["manager"],
                self.user: "",
                employee: "",
                self.portal: rights.get("portal", ""),
                self.env.ref("base.public_user"): "",
            }
            for user, letters in by_user.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model_name, user=user.login, op=operation):
                        allowed = (
                            self.env[model_name].with_user(user).has_access(operation)
                        )
                        self.assertEqual(allowed, letter in letters)

    def test_another_company_s_records_are_not_seen(self):
        case = self._create_complaint()
        answer = self._create_answers(4)
        other = self.env["res.company"].create({"name": "Other"})
        for user in (self.agent, self.service_manager):
            user.write(
                {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
            )
            with self.subTest(user=user.login):
                self.assertFalse(
                    self.case.with_user(user).search([("id", "=", case.id)])
                )
                self.assertFalse(
                    self.env["crm.feedback"]
                    .with_user(user)
                    .search([("id", "=", answer.id)])
                )
                self.assertNotIn(self.team, self.team.with_user(user).search([]))
                with self.assertRaises(AccessError):
                    case.with_user(user).read(["name"])

    def test_a_customer_sees_the_cases_of_his_own_company_only(self):
        own = self._create_case()
        of_colleague = self._create_case(self.colleague)
        foreign = self._create_case(self.stranger)
        seen = self.case.with_user(self.portal).search([])
        self.assertIn(own, seen)
        self.assertIn(of_colleague, seen)
        self.assertNotIn(foreign, seen)
        with self.assertRaises(AccessError):
            foreign.with_user(self.portal).read(["name"])
        with self.assertRaises(AccessError):
            foreign.with_user(self.portal).message_post(body="Hi")

    def test_a_customer_without_cases_sees_none_without_a_customer(self):
        orphan = self.case.create({"name": "Who was it?", "team_id": self.team.id})
        self.assertNotIn(orphan, self.case.with_user(self.portal).search([]))

    def test_a_customer_does_not_read_what_is_internal(self):
        case = self._create_complaint(root_cause_id=self.cause.id).with_user(
            self.portal
        )
        self.assertEqual(case.name, "Scratched chair")
        for name in ("root_cause_id", "routing_note", "sla_state", "feedback_id"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                case.read([name])

    def test_a_customer_writes_messages_and_nothing_else(self):
        case = self._create_case().with_user(self.portal)
        case.message_post(
            body="A photo", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        with self.assertRaises(AccessError):
            case.write({"name": "Changed"})
        with self.assertRaises(AccessError):
            case.action_solve()

    def test_a_customer_does_not_see_the_follow_up_of_his_answer(self):
        program = self._create_program()
        answer = self._create_answers(2, program_id=program.id)
        self.assertNotIn(
            answer.follow_up_ids, self.case.with_user(self.portal).search([])
        )

    def test_an_agent_handles_a_complaint_from_start_to_end(self):
        self._create_policy()
        self._create_program()
        case = self.case.with_user(self.agent).create(
            {
                "name": "Scratched",
                "case_type": "complaint",
                "partner_id": self.customer.id,
                "team_id": self.team.id,
            }
        )
        case.action_assign_to_me()
        case.action_wait()
        case.action_start()
        self._answer(case)
        case.write(
            {"root_cause_id": self.cause.id, "resolution_id": self.resolution.id}
        )
        case.action_solve()
        self.assertEqual(case.sla_state, "reached")
        invitation = self.env["survey.user_input"].search(
            [("feedback_case_id", "=", case.id)]
        )
        self.assertEqual(invitation.partner_id, self.customer)
        case.action_reopen()
        case.action_route()

    def test_a_manager_sets_up_a_desk(self):
        manager = self.env(user=self.service_manager)
        team = manager["crm.case.team"].create(
            {"name": "New desk", "alias_name": "new-desk", "assignment": "round_robin"}
        )
        manager["crm.routing.rule"].create({"name": "All", "team_id": team.id})
        policy = manager["crm.sla.policy"].create(
            {"name": "Promise", "team_id": team.id, "resolution_hours": 8}
        )
        self._create_case(team_id=team.id)
        policy.resolution_hours = 4
        team.resource_calendar_id = self.calendar
        self.assertEqual(team.open_count, 1)

    def test_an_agent_reads_his_reports(self):
        self._create_answers(10)
        agent = self.env(user=self.agent)
        self.assertTrue(agent["crm.nps.report"].search([]))
        self.assertTrue(agent["crm.feedback"].search([]).mapped("display_name"))
        program = self._create_program().with_user(self.agent)
        self.assertEqual((program.invitation_count, program.answer_count), (0, 0))
        self.assertEqual(self.customer.with_user(self.agent).case_count, 0)

from odoo.tests import freeze_time, tagged

from .feedback_case import FeedbackCase

# A Monday; the team works from 8 to 12 and from 13 to 17.
NINE = "2026-11-23 09:00:00"


@tagged("post_install", "-at_install")
class TestCrmSlaEscalation(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.sla.escalation"].search([]).active = False
        cls.policy = cls._create_policy(first_response_hours=0, resolution_hours=4)

    def _create_step(self, **values):
        return self.env["crm.sla.escalation"].create(
            {"name": "Hurry up", "trigger": "breach", **values}
        )

    def _open(self, **values):
        with freeze_time(NINE):
            return self._create_case(user_id=self.other_agent.id, **values)

    def _sweep(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("crm_feedback.ir_cron_mark_failed").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_agent_is_warned_when_three_quarters_are_used_up(self):
        self._create_step(trigger="warning", action="activity", recipient="agent")
        case = self._open()
        # 3 of 4 hours after nine.
        self.assertEqual(str(case.sla_status_ids.date_warning), "2026-11-23 12:00:00")
        self._sweep("2026-11-23 11:59:00")
        self.assertFalse(case.activity_ids)
        self._sweep("2026-11-23 12:00:00")
        self.assertEqual(case.activity_ids.user_id, self.other_agent)
        self.assertEqual(case.sla_state, "running")

    def test_the_share_is_a_setting(self):
        case = self._open()
        self.env.company.crm_sla_warning_percent = 50
        self.assertEqual(str(case.sla_status_ids.date_warning), "2026-11-23 11:00:00")

    def test_steps_are_taken_in_turn_and_once(self):
        self._create_step(name="Leader", action="activity", recipient="leader")
        self._create_step(
            name="Boss",
            action="activity",
            recipient="user",
            user_id=self.service_manager.id,
            delay_hours=2,
        )
        case = self._open()
        self._sweep("2026-11-23 14:00:00")
        self.assertEqual(case.activity_ids.user_id, self.agent)
        # Two working hours after the deadline at two o'clock.
        self.assertEqual(
            str(case.sla_status_ids.date_escalation), "2026-11-23 16:00:00"
        )
        self._sweep("2026-11-23 14:10:00")
        self.assertEqual(len(case.activity_ids), 1)
        self._sweep("2026-11-23 16:00:00")
        self.assertEqual(case.activity_ids.user_id, self.agent | self.service_manager)
        self._sweep("2026-11-24 16:00:00")
        self.assertEqual(len(case.activity_ids), 2)
        self.assertFalse(case.sla_status_ids.date_escalation)

    def test_a_late_case_goes_to_the_leader(self):
        self._create_step(action="assign", recipient="leader")
        case = self._open()
        self._sweep("2026-11-23 14:00:00")
        self.assertEqual(case.user_id, self.team.user_id)

    def test_a_late_case_gets_more_severe(self):
        self._create_step(action="severity")
        case = self._open(severity="1")
        self._sweep("2026-11-23 14:00:00")
        self.assertEqual(case.severity, "2")

    def test_one_message_tells_of_all_late_cases(self):
        self._create_step(name="Late cases", action="notify", recipient="leader")
        cases = self._open() | self._open()
        self._sweep("2026-11-23 14:00:00")
        messages = self.env["mail.message"].search([("subject", "=", "Late cases")])
        self.assertEqual(messages.notified_partner_ids, self.agent.partner_id)
        for case in cases:
            self.assertIn(case.number, messages.body)

    def test_a_case_in_time_is_not_escalated(self):
        self._create_step(action="severity")
        case = self._open(severity="1")
        with freeze_time("2026-11-23 10:00:00"):
            case.action_solve()
        self.assertFalse(case.sla_status_ids.date_escalation)
        self._sweep("2026-11-24 14:00:00")
        self.assertEqual(case.severity, "1")

    def test_a_waiting_case_is_not_escalated(self):
        self._create_step(action="severity")
        case = self._open(severity="1")
        with freeze_time("2026-11-23 10:00:00"):
            case.action_wait()
        self._sweep("2026-11-24 14:00:00")
        self.assertEqual(case.severity, "1")
        with freeze_time("2026-11-24 15:00:00"):
            case.action_start()
        self.assertEqual(
            str(case.sla_status_ids.date_escalation), "2026-11-25 09:00:00"
        )

    def test_steps_of_a_policy_replace_the_general_ones(self):
        self._create_step(action="severity")
        own = self._create_step(
            action="activity", recipient="leader", policy_id=self.policy.id
        )
        case = self._open(severity="1")
        self.assertEqual(case.sla_status_ids.next_escalation_id, own)
        own.active = False
        self._sweep("2026-11-23 14:00:00")
        self.assertEqual(case.severity, "2")
        self.assertFalse(case.activity_ids)

    def test_the_remedy_is_weighed_against_the_customer_s_value(self):
        self._create_step(action="remedy")
        self.env["crm.sla.remedy"].search([]).active = False
        apology, voucher, refund = self.env["crm.sla.remedy"].create(
            [
                {"name": "Apology", "cost": 1, "retention_gain": 0.01},
                {"name": "Voucher", "cost": 20, "retention_gain": 0.05},
                {
                    "name": "Refund",
                    "cost": 60,
                    "retention_gain": 0.2,
                    "severity": "3",
                },
            ]
        )
        profile = self.env["crm.customer.profile"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("company_id", "=", self.env.company.id),
            ]
        ) or self.env["crm.customer.profile"].create(
            {"partner_id": self.customer.id, "company_id": self.env.company.id}
        )
        value = "clv" if "clv" in profile._fields else "margin"
        # 1 % of 200 less 1 is 1; 5 % less 20 is a loss: 10 - 20.
        for worth, severity, expected in (
            (200, "1", apology),
            (1000, "1", voucher),
            (1000, "3", refund),
            (0, "1", apology),
        ):
            with self.subTest(worth=worth, severity=severity):
                profile[value] = worth
                case = self._open(severity=severity)
                self._sweep("2026-11-23 14:00:00")
                self.assertEqual(case.sla_remedy_id, expected)
                self.assertIn(expected.name, case.sla_remedy_note)

    def test_the_agent_takes_the_remedy_over(self):
        remedy = self.env["crm.sla.remedy"].create(
            {
                "name": "New chair",
                "cost": 0,
                "retention_gain": 1,
                "resolution_id": self.resolution.id,
            }
        )
        case = self._open()
        case.sla_remedy_id = remedy
        case.with_user(self.agent).action_accept_remedy()
        self.assertEqual(case.resolution_id, self.resolution)

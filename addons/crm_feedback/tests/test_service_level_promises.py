from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from ..models import crm_case_refresh
from .feedback_case import FeedbackCase

# A Monday; the team works from 8 to 12 and from 13 to 17.
NINE = "2026-11-23 09:00:00"


@tagged("post_install", "-at_install")
class TestServiceLevelPromises(FeedbackCase):
    def _get_statuses(self, case, target):
        return case.sla_status_ids.filtered(lambda each: each.target == target)

    def _open(self, **values):
        with freeze_time(NINE):
            return self._create_case(**values)

    def _write_as_customer(self, case, moment):
        with freeze_time(moment):
            case.message_post(
                body="Any news?",
                author_id=self.customer.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    def _answer_at(self, case, moment):
        with freeze_time(moment):
            self._answer(case)

    # ------------------------------------------------------------
    # Targets
    # ------------------------------------------------------------

    def test_an_acknowledgement_reaches_its_target(self):
        self._create_policy(acknowledgement_hours=1)
        case = self._open()
        status = self._get_statuses(case, "acknowledgement")
        self.assertEqual(str(status.deadline), "2026-11-23 10:00:00")
        with freeze_time("2026-11-23 09:30:00"):
            case.date_acknowledged = "2026-11-23 09:30:00"
        self.assertEqual(status.state, "reached")

    def test_a_first_answer_acknowledges_too(self):
        self._create_policy(acknowledgement_hours=1)
        case = self._open()
        self._answer_at(case, "2026-11-23 10:30:00")
        self.assertEqual(self._get_statuses(case, "acknowledgement").state, "failed")

    def test_each_message_of_the_customer_waits_for_an_answer(self):
        self._create_policy(next_response_hours=2)
        case = self._open()
        self._answer_at(case, "2026-11-23 10:00:00")
        self.assertFalse(self._get_statuses(case, "next_response"))
        self._write_as_customer(case, "2026-11-23 11:00:00")
        first = self._get_statuses(case, "next_response")
        self.assertEqual(str(first.deadline), "2026-11-23 14:00:00")
        # A reminder does not start the clock anew.
        self._write_as_customer(case, "2026-11-23 11:30:00")
        self.assertEqual(self._get_statuses(case, "next_response"), first)
        self._answer_at(case, "2026-11-23 13:00:00")
        self.assertEqual(first.state, "reached")
        self._write_as_customer(case, "2026-11-23 14:00:00")
        self._answer_at(case, "2026-11-24 09:00:00")
        waits = self._get_statuses(case, "next_response")
        self.assertEqual(
            waits.sorted("date_start").mapped("state"), ["reached", "failed"]
        )

    def test_before_the_first_answer_only_the_first_is_owed(self):
        self._create_policy(next_response_hours=2)
        case = self._open()
        self._write_as_customer(case, "2026-11-23 10:00:00")
        self.assertFalse(self._get_statuses(case, "next_response"))

    # ------------------------------------------------------------
    # Which policy
    # ------------------------------------------------------------

    def test_a_policy_of_the_profile(self):
        gold = self._create_policy(
            sequence=1, name="Gold", profile_domain="[('order_count', '>=', 3)]"
        )
        standard = self._create_policy(sequence=2, name="Standard")
        self.assertEqual(self._create_case().sla_policy_id, standard)
        profiles = self.env["crm.customer.profile"]
        profiles.search([("partner_id", "=", self.customer.id)]).unlink()
        profiles.create(
            {
                "partner_id": self.customer.id,
                "company_id": self.env.company.id,
                "order_count": 3,
            }
        )
        case = self._create_case()
        self.assertEqual(case.sla_policy_id, gold)
        self.assertIn("Gold", case.sla_policy_note)
        self.assertIn("profile", case.sla_policy_note)
        self.assertIn("Standard", case.sla_policy_note)

    def test_a_policy_of_a_contract(self):
        contract = self.env["product.product"].create(
            {"name": "Service 24", "type": "service"}
        )
        policy = self._create_policy(
            contract_product_ids=[(6, 0, contract.ids)], contract_months=12
        )
        self.assertFalse(self._create_case().sla_policy_id)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [(0, 0, {"product_id": contract.id})],
            }
        )
        order.action_confirm()
        case = self._create_case()
        self.assertEqual(case.sla_policy_id, policy)
        self.assertIn("Service 24", case.sla_policy_note)
        order.date_order = "2020-01-01 00:00:00"
        self.assertFalse(self._create_case().sla_policy_id)

    def test_a_case_without_policy_says_so(self):
        self.assertIn("No policy", self._create_case().sla_policy_note)

    # ------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------

    def test_a_new_policy_covers_open_cases(self):
        standard = self._create_policy(sequence=2)
        case = self._open()
        first = self._create_policy(sequence=1)
        self.assertEqual(case.sla_policy_id, first)
        first.sequence = 3
        self.assertEqual(case.sla_policy_id, standard)

    def test_a_holiday_moves_the_promises(self):
        self._create_policy(first_response_hours=0, resolution_hours=16)
        case = self._open()
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": "2026-11-24 00:00:00",
                "date_to": "2026-11-24 23:59:59",
            }
        )
        self.env.cr.precommit.run()
        self.assertEqual(str(case.sla_status_ids.deadline), "2026-11-26 09:00:00")
        holiday.unlink()
        self.env.cr.precommit.run()
        self.assertEqual(str(case.sla_status_ids.deadline), "2026-11-25 09:00:00")

    def test_changed_hours_move_the_promises(self):
        self._create_policy(first_response_hours=0, resolution_hours=4)
        case = self._open()
        self.calendar.attendance_ids.filtered(
            lambda line: line.day_period == "afternoon"
        ).hour_from = 14
        self.env.cr.precommit.run()
        self.assertEqual(str(case.sla_status_ids.deadline), "2026-11-23 15:00:00")

    def test_many_cases_are_left_to_the_job(self):
        policy = self._create_policy(first_response_hours=0, resolution_hours=4)
        cases = self._open() | self._open()
        with patch.object(crm_case_refresh, "AT_ONCE", 1):
            policy.resolution_hours = 2
        self.assertEqual(set(cases.mapped("sla_status_ids.hours")), {4})
        self.assertTrue(all(cases.mapped("sla_stale")))
        with self.enter_registry_test_mode():
            self.env.ref(
                "crm_feedback.ir_cron_refresh_service_levels"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(set(cases.mapped("sla_status_ids.hours")), {2})
        self.assertFalse(any(cases.mapped("sla_stale")))

    # ------------------------------------------------------------
    # Time left
    # ------------------------------------------------------------

    def _read_time_left(self, case, moment):
        self.env.invalidate_all()
        with freeze_time(moment):
            return round(case.hours_left, 4), case.time_left_state

    def test_the_time_left_is_working_time(self):
        self._create_policy(first_response_hours=0, resolution_hours=4)
        case = self._open()
        for moment, expected in (
            ("2026-11-23 10:00:00", (3, "good")),
            ("2026-11-23 12:30:00", (1, "soon")),
            ("2026-11-23 14:00:00", (0, "soon")),
            ("2026-11-23 14:30:00", (-0.5, "late")),
            ("2026-11-24 07:00:00", (-3, "late")),
        ):
            with self.subTest(moment):
                self.assertEqual(self._read_time_left(case, moment), expected)

    def test_the_time_left_stands_still_while_the_case_waits(self):
        self._create_policy(first_response_hours=0, resolution_hours=4)
        case = self._open()
        with freeze_time("2026-11-23 10:00:00"):
            case.action_wait()
        self.assertEqual(
            self._read_time_left(case, "2026-11-25 10:00:00"), (3, "paused")
        )

    def test_a_closed_case_owes_nothing(self):
        self._create_policy()
        case = self._open()
        with freeze_time("2026-11-23 10:00:00"):
            case.action_solve()
        self.assertEqual(self._read_time_left(case, "2026-11-24 10:00:00"), (0, "none"))

    def test_an_agent_reads_the_time_left_of_all_cases_in_few_queries(self):
        self._create_policy()
        cases = self.case.create(
            [{"name": f"Case {each}", "team_id": self.team.id} for each in range(40)]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        cases.with_user(self.agent).mapped("hours_left")
        self.assertLess(self.env.cr.sql_log_count - before, 30)

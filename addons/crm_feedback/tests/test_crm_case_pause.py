from odoo.tests import freeze_time, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCasePause(FeedbackCase):
    def test_waiting_and_closing_stop_the_clock(self):
        case = self._create_case()
        with freeze_time("2026-11-23 09:00:00"):
            case.action_wait()
        self.assertEqual(len(case.pause_ids), 1)
        self.assertFalse(case.pause_ids.date_to)
        with freeze_time("2026-11-23 10:00:00"):
            case.action_start()
        self.assertEqual(str(case.pause_ids.date_to), "2026-11-23 10:00:00")
        case.action_solve()
        self.assertEqual(len(case.pause_ids), 2)

    def test_from_waiting_to_solved_the_pause_goes_on(self):
        case = self._create_case()
        case.action_wait()
        case.action_solve()
        self.assertEqual(len(case.pause_ids), 1)
        case.action_reopen()
        self.assertTrue(case.pause_ids.date_to)

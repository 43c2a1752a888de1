from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmNpsReport(FeedbackCase):
    def test_a_month_shows_score_and_interval(self):
        program = self._create_program(follow_up_hours=0)
        self._create_answers(
            *[10] * 60,
            *[7] * 25,
            *[3] * 15,
            program_id=program.id,
            date="2026-03-10 12:00:00",
        )
        self._create_answers(
            5, program_id=program.id, scale="csat", date="2026-03-10 12:00:00"
        )
        row = self.env["crm.nps.report"].search([("program_id", "=", program.id)])
        self.assertRecordValues(
            row, [{"answers": 100, "promoters": 60, "passives": 25, "detractors": 15}]
        )
        self.assertAlmostEqual(row.nps, 45)
        self.assertAlmostEqual(row.margin, 14.5, places=1)
        self.assertAlmostEqual(row.low, 30.5, places=1)
        self.assertAlmostEqual(row.high, 59.5, places=1)
        self.assertEqual(str(row.month), "2026-03-01")

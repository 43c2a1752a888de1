from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_feedback.tests.feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestGoodwill(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False

    def _grant(self):
        case = self._create_complaint()
        compensation = (
            self.env["crm.case.compensation"]
            .with_user(self.agent)
            .create(
                {"case_id": case.id, "kind": "goodwill", "points": 50, "reason": "Late"}
            )
        )
        compensation.action_request()
        return compensation

    def test_points_are_booked_on_the_customer_s_card(self):
        program = self.env["loyalty.program"].create(
            {"name": "Club", "program_type": "loyalty"}
        )
        compensation = self._grant()
        entry = self.env["loyalty.points.entry"].browse(compensation.res_id)
        self.assertRecordValues(
            entry,
            [
                {
                    "points": 50,
                    "res_model": "crm.case",
                    "res_id": compensation.case_id.id,
                }
            ],
        )
        self.assertEqual(entry.card_id.program_id, program)
        self.assertEqual(entry.card_id.partner_id, self.customer)
        self.assertEqual(entry.card_id.points, 50)

    def test_without_program_it_says_so(self):
        with self.assertRaisesRegex(UserError, "no loyalty program"):
            self._grant()

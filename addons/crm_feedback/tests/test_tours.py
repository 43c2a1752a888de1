from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestTours(FeedbackCase, HttpCase):
    def test_an_agent_solves_a_complaint_in_the_browser(self):
        self.cause.name = "Tour cause"
        self.resolution.name = "Tour resolution"
        case = self._create_complaint()
        # The server warns of each refusal that it sends to the client.
        with mute_logger("odoo.http"):
            self.start_tour(
                f"/odoo/cases/{case.id}", "crm_feedback_case_solved", login="agent_ann"
            )
        self.assertRecordValues(
            case,
            [
                {
                    "stage_kind": "solved",
                    "user_id": self.agent.id,
                    "root_cause_id": self.cause.id,
                    "resolution_id": self.resolution.id,
                }
            ],
        )
        self.assertTrue(case.date_responded, "the answer went to the customer")

from odoo import Command
from odoo.tests import HttpCase, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCompensationTour(FeedbackCase, HttpCase):
    def test_an_agent_asks_and_the_leader_grants_in_the_browser(self):
        self.team.user_id = self.other_agent
        self.env["crm.compensation.limit"].search([]).unlink()
        self.env["crm.compensation.limit"].create({"amount": 50})
        order = self._create_order()
        self._create_complaint(sale_order_id=order.id)
        case = self._create_complaint(
            name="Chair again",
            sale_order_id=order.id,
            line_ids=[
                Command.create(
                    {
                        "product_id": self.product.id,
                        "sale_line_id": order.order_line.id,
                    }
                )
            ],
        )
        self.start_tour(
            f"/odoo/cases/{case.id}", "crm_feedback_case_compensated", login="agent_ann"
        )
        self.assertFalse(case.link_ids.is_suspected)
        self.assertEqual(case.compensation_ids.state, "to_approve")
        self.start_tour(
            "/odoo/compensation",
            "crm_feedback_compensation_approved",
            login="agent_bob",
        )
        self.assertRecordValues(
            case.compensation_ids,
            [{"state": "granted", "approver_id": self.other_agent.id, "amount": 100}],
        )
        made = self.env["sale.order"].browse(case.compensation_ids.res_id)
        self.assertEqual(made.origin, case.number)

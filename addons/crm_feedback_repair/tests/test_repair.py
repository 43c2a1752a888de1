from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_feedback.tests.feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestRepair(FeedbackCase):
    def _request(self, **values):
        self.product.warranty_months = 24
        case = self._create_complaint(
            line_ids=[Command.create({"product_id": self.product.id})], **values
        )
        compensation = (
            self.env["crm.case.compensation"]
            .with_user(self.agent)
            .create({"case_id": case.id, "kind": "repair", "reason": "It is loose"})
        )
        compensation.action_request()
        return self.env["repair.order"].browse(compensation.res_id)

    def test_a_repair_order_of_the_product_is_made(self):
        repair = self._request()
        self.assertEqual(repair.product_id, self.product)
        self.assertEqual(repair.partner_id, self.customer)
        self.assertIn("loose", str(repair.internal_notes))
        self.assertEqual(repair.case_count, 1)

    def test_it_is_under_warranty_when_the_case_is(self):
        new = self._create_order(days_ago=30)
        old = self._create_order(days_ago=900)
        self.assertTrue(self._request(sale_order_id=new.id).under_warranty)
        self.assertFalse(self._request(sale_order_id=old.id).under_warranty)

    def test_one_order_repairs_one_product(self):
        case = self._create_complaint()
        compensation = self.env["crm.case.compensation"].create(
            {"case_id": case.id, "kind": "repair", "reason": "Both"}
        )
        with self.assertRaisesRegex(UserError, "one product"):
            compensation.action_request()

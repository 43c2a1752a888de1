from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmQualityCostReport(FeedbackCase):
    def _give_credit(self, cause):
        """Return the credit note of a complaint, not yet posted."""
        order = self._create_order()
        invoice = order._create_invoices()
        invoice.action_post()
        case = self._create_complaint(
            sale_order_id=order.id, invoice_id=invoice.id, root_cause_id=cause.id
        )
        compensation = self.env["crm.case.compensation"].create(
            {
                "case_id": case.id,
                "kind": "credit",
                "amount": 10,
                "reason": "Torn",
                "invoice_id": invoice.id,
            }
        )
        compensation.action_request()
        return self.env["account.move"].browse(compensation.res_id)

    def test_the_cost_by_cause_is_that_of_accounting(self):
        other = self.env["crm.root.cause"].create({"name": "Other"})
        notes = self._give_credit(self.cause) | self._give_credit(self.cause)
        draft = self._give_credit(other)
        notes.filtered(lambda note: note.state == "draft").action_post()
        if draft.state == "posted":
            draft.button_draft()
        report = self.env["crm.quality.cost.report"].with_user(self.service_manager)
        rows = report.search([("root_cause_id", "in", (self.cause | other).ids)])
        self.assertEqual(rows.move_id, notes)
        self.assertEqual(rows.root_cause_id, self.cause)
        booked = notes.line_ids.filtered(lambda line: line.display_type == "product")
        self.assertAlmostEqual(
            sum(rows.mapped("amount")), sum(booked.mapped("balance")), places=2
        )
        self.assertGreater(sum(rows.mapped("amount")), 0)

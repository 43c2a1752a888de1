from odoo.tests import Form, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCaseLine(FeedbackCase):
    """Cases opened from documents know the products and what they are worth."""

    def _open(self, action):
        form = Form(self.case.with_context(**action["context"]))
        form.name = "Damaged"
        return form.save()

    def test_from_an_order(self):
        order = self._create_order()
        case = self._open(order.action_open_case())
        self.assertRecordValues(
            case,
            [
                {
                    "partner_id": self.customer.id,
                    "sale_order_id": order.id,
                    "case_type": "complaint",
                    "product_id": order.order_line.product_id.id,
                }
            ],
        )
        self.assertEqual(case.line_ids.sale_line_id, order.order_line)
        self.assertAlmostEqual(case.value_at_stake, order.amount_total, 2)

    def test_from_an_order_line(self):
        order = self._create_order()
        order.order_line.copy({"order_id": order.id})
        line = order.order_line[1]
        case = self._open(line.action_open_case())
        self.assertEqual(case.line_ids.sale_line_id, line)

    def test_from_an_invoice(self):
        order = self._create_order()
        invoice = order._create_invoices()
        invoice.action_post()
        case = self._open(invoice.action_open_case())
        self.assertEqual(case.invoice_id, invoice)
        self.assertEqual(case.sale_order_id, order)
        self.assertEqual(case.case_type, "billing_dispute")
        self.assertAlmostEqual(case.value_at_stake, invoice.amount_total, 2)
        self.assertEqual(invoice.case_count, 1)

    def test_half_of_it_is_worth_half(self):
        order = self._create_order()
        order.order_line.product_uom_qty = 4
        case = self._open(order.action_open_case())
        case.line_ids.quantity = 1
        self.assertAlmostEqual(case.value_at_stake, order.amount_total / 4, 2)

    def test_from_a_survey_answer(self):
        program = self._create_program()
        answer = program.survey_id._create_answer(partner=self.customer)
        case = self._open(answer.action_open_case())
        self.assertEqual((case.channel, case.partner_id), ("survey", self.customer))

    def test_the_agent_reads_what_is_known_of_the_customer(self):
        self._create_order()
        self.env["crm.customer.profile"]._refresh(self.customer)
        case = self._create_case().with_user(self.agent)
        self.assertIn("Stage", case.customer_facts)

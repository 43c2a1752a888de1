from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCaseCompensation(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.compensation.limit"].search([]).unlink()
        cls.tax = cls.env["account.tax"].create(
            {"name": "VAT 21 %", "amount": 21, "type_tax_use": "sale"}
        )
        order = cls._create_order(confirm=False)
        order.order_line.write(
            {
                "product_uom_qty": 4,
                "price_unit": 100,
                "tax_ids": [Command.set(cls.tax.ids)],
            }
        )
        order.action_confirm()
        order.order_line.qty_delivered = 4
        cls.order = order
        cls.invoice = order._create_invoices()
        cls.invoice.action_post()
        cls.disputed = cls._create_complaint(
            sale_order_id=order.id,
            invoice_id=cls.invoice.id,
            line_ids=[
                Command.create(
                    {
                        "product_id": cls.product.id,
                        "sale_line_id": order.order_line.id,
                        "quantity": 1,
                    }
                )
            ],
        )

    def _request(self, kind, user=None, **values):
        compensation = (
            self.env["crm.case.compensation"]
            .with_user(user or self.agent)
            .create(
                {
                    "case_id": self.disputed.id,
                    "kind": kind,
                    "reason": "Scratched",
                    **values,
                }
            )
        )
        compensation.action_request()
        return compensation

    def _limit(self, amount, **values):
        return self.env["crm.compensation.limit"].create({"amount": amount, **values})

    def _get_document(self, compensation):
        return self.env[compensation.res_model].browse(compensation.res_id)

    # ------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------

    def test_a_refund_is_a_credit_note_of_the_products(self):
        compensation = self._request("refund")
        note = self._get_document(compensation)
        self.assertRecordValues(
            note,
            [
                {
                    "move_type": "out_refund",
                    "reversed_entry_id": self.invoice.id,
                    "state": "draft",
                    "amount_total": 121,
                }
            ],
        )
        self.assertEqual(note.invoice_line_ids.quantity, 1)
        self.assertAlmostEqual(compensation.amount, 121, 2)
        self.assertIn(self.disputed.number, note.ref)
        self.assertEqual(self.disputed.resolution_id.kind, "refund")
        self.assertIn("granted", self.disputed.message_ids[0].body)

    def test_a_credit_is_spread_over_the_invoice_to_the_cent(self):
        for amount in (50, 33.33, 0.07):
            with self.subTest(amount=amount):
                note = self._get_document(self._request("credit", amount=amount))
                self.assertAlmostEqual(note.amount_total, amount, 2)
                self.assertEqual(note.invoice_line_ids.tax_ids, self.tax)

    def test_no_more_is_credited_than_was_invoiced(self):
        self._request("credit", amount=400)
        with self.assertRaisesRegex(UserError, "left to credit"):
            self._request("credit", amount=100)

    def test_no_more_is_refunded_than_was_sold(self):
        self.disputed.line_ids.quantity = 5
        with self.assertRaisesRegex(UserError, self.invoice.name):
            self._request("refund")

    def test_a_replacement_is_an_order_at_no_charge(self):
        order = self._get_document(self._request("replacement"))
        self.assertRecordValues(
            order,
            [{"state": "sale", "amount_total": 0, "origin": self.disputed.number}],
        )
        self.assertEqual(order.order_line.product_uom_qty, 1)

    def test_goodwill_points_are_a_customer_event(self):
        # Where Loyalty is, the points are booked as well: tested there.
        self.patch(
            self.registry["crm.case.compensation"], "_make_goodwill", lambda _self: None
        )
        self._request("goodwill", points=250)
        event = self.event.search(
            [
                ("type_id.code", "=", "goodwill_granted"),
                ("partner_id", "=", self.customer.id),
            ]
        )
        self.assertEqual(event.value, 250)

    def test_the_form_proposes_invoice_products_and_amount(self):
        compensations = self.env["crm.case.compensation"].with_user(self.agent)
        form = Form(compensations.with_context(default_case_id=self.disputed.id))
        self.assertEqual(form.invoice_id, self.invoice)
        self.assertAlmostEqual(form.amount, 121, 2)
        form.reason = "Scratched"
        compensation = form.save()
        self.assertEqual(compensation.line_ids, self.disputed.line_ids)

    # ------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------

    def test_above_the_limit_the_leader_decides(self):
        self.team.user_id = self.other_agent
        self._limit(100)
        compensation = self._request("refund")
        self.assertEqual(compensation.state, "to_approve")
        self.assertFalse(compensation.res_id)
        self.assertEqual(self.disputed.activity_ids.user_id, self.other_agent)
        with self.assertRaisesRegex(UserError, "Only the leader"):
            compensation.action_approve()
        compensation.with_user(self.other_agent).action_approve()
        self.assertEqual(compensation.state, "granted")
        self.assertEqual(compensation.approver_id, self.other_agent)
        self.assertTrue(compensation.res_id)
        self.assertFalse(self.disputed.activity_ids)

    def test_a_refused_compensation_makes_nothing(self):
        self.team.user_id = self.other_agent
        self._limit(100)
        compensation = self._request("refund")
        compensation.with_user(self.service_manager).action_refuse()
        self.assertEqual((compensation.state, compensation.res_id), ("refused", 0))

    def test_small_amounts_do_not_sum_up_past_the_limit(self):
        self.team.user_id = self.other_agent
        self._limit(100)
        self.assertEqual(self._request("credit", amount=60).state, "granted")
        self.assertEqual(self._request("credit", amount=60).state, "to_approve")

    def test_the_most_specific_limit_counts(self):
        self.team.user_id = self.other_agent
        self._limit(10)
        self._limit(1000, team_id=self.team.id)
        self._limit(30, team_id=self.team.id, kind="credit")
        self.assertEqual(self._request("refund").state, "granted")
        self.assertEqual(self._request("credit", amount=31).state, "to_approve")

    def test_an_agent_can_not_decide_by_the_back_door(self):
        self.team.user_id = self.other_agent
        self._limit(100)
        compensation = self._request("refund")
        for values in ({"state": "granted"}, {"amount": 1}, {"approver_id": 1}):
            with self.subTest(values=values), self.assertRaises(UserError):
                compensation.write(values)
        made = compensation.create(
            {
                "case_id": self.disputed.id,
                "kind": "refund",
                "reason": "Mine",
                "state": "granted",
            }
        )
        self.assertEqual(made.state, "draft")
        with self.assertRaises(UserError):
            compensation.unlink()

    def test_a_case_that_waits_for_approval_is_not_closed(self):
        self.team.user_id = self.other_agent
        self._limit(100)
        self._request("refund")
        self._answer(self.disputed)
        self.disputed.write(
            {"root_cause_id": self.cause.id, "resolution_id": self.resolution.id}
        )
        self.assertMissing(self.disputed, "approval")

    def test_a_customer_sees_none(self):
        compensation = self._request("refund")
        portal = self.env.ref("base.public_user")
        with self.assertRaises(AccessError):
            compensation.with_user(portal).read(["amount"])

    def test_it_follows_a_merged_case(self):
        compensation = self._request("refund")
        survivor = self._create_complaint(name="First")
        survivor._merge(self.disputed)
        self.assertEqual(compensation.case_id, survivor)


@tagged("post_install", "-at_install")
class TestAccountMoveDispute(FeedbackCase):
    def test_a_disputed_invoice_is_not_dunned(self):
        disputed = self._create_order()._create_invoices()
        other = self._create_order()._create_invoices()
        (disputed | other).action_post()
        case = self._create_case(case_type="billing_dispute", invoice_id=disputed.id)
        self.assertEqual(disputed.dispute_case_id, case)
        self.assertEqual((disputed | other)._filter_remindable(), other)
        self.assertIn(case.number, disputed._get_reminder_refusals()[disputed])
        found = self.env["account.move"].search([("dispute_case_id", "!=", False)])
        self.assertIn(disputed, found)
        self.assertNotIn(other, found)
        case.action_solve()
        self.env.invalidate_all()
        self.assertEqual((disputed | other)._filter_remindable(), disputed | other)

    def test_a_complaint_about_an_invoice_is_no_dispute(self):
        invoice = self._create_order()._create_invoices()
        self._create_complaint(invoice_id=invoice.id)
        self.assertFalse(invoice.dispute_case_id)

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.crm_feedback.tests.feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmServiceElement(FeedbackCase):
    """Promises of service are measured on documents made by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Measured"})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.goods = cls.env["product.product"].create(
            {"name": "Bolt", "type": "consu", "taxes_id": False}
        )
        cls.buyer = cls.env["res.partner"].create({"name": "Buyer"})
        cls.rare = cls.env["res.partner"].create({"name": "Rare"})

    def _deliver(self, partner, ordered, brought, ordered_days_ago, deadline_days=5):
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.goods.id, "product_uom_qty": ordered}
                    )
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.write({"quantity": brought, "picked": True})
        picking.with_context(skip_backorder=True)._action_done()
        now = fields.Datetime.now()
        order.date_order = now - timedelta(days=ordered_days_ago)
        picking.move_ids.date_deadline = order.date_order + timedelta(
            days=deadline_days
        )
        picking.date_done = now
        return picking

    def _element(self, kind, target, **values):
        return self.env["crm.service.element"].create(
            {"kind": kind, "target": target, "company_id": self.company.id, **values}
        )

    def test_deliveries_against_the_policy(self):
        good = self._deliver(self.buyer, 4, 4, ordered_days_ago=2)
        late = self._deliver(self.rare, 4, 1, ordered_days_ago=8)
        self.assertTrue(late.backorder_ids)
        for kind, target, actual, state, missed in (
            ("lead_days", 5, 5, "met", late),
            ("fill_rate", 95, 62.5, "missed", late),
            ("on_time", 50, 50, "met", late),
            ("no_backorder", 97, 50, "missed", late),
            ("kept", 98, 100, "met", late.browse()),
        ):
            with self.subTest(kind=kind):
                element = self._element(kind, target)
                self.assertAlmostEqual(element.actual, actual, 1)
                self.assertEqual((element.state, element.document_count), (state, 2))
                opened = late.search(element.action_open_missed()["domain"])
                self.assertEqual(opened, missed)
        self.assertNotEqual(good, late)

    def test_a_segment_has_its_own_policy(self):
        self._deliver(self.buyer, 4, 4, ordered_days_ago=2)
        self._deliver(self.rare, 4, 1, ordered_days_ago=8)
        segment = self.env["crm.segment"].create({"name": "Key", "kind": "static"})
        self.env["crm.segment.member"].create(
            {
                "segment_id": segment.id,
                "partner_id": self.buyer.id,
                "company_id": self.company.id,
            }
        )
        element = self._element("fill_rate", 99, segment_id=segment.id)
        self.assertEqual((element.actual, element.state), (100, "met"))

    def test_claims_and_questions(self):
        now = fields.Datetime.now()
        for case_type, hours in (("complaint", 48), ("question", 3), ("question", 5)):
            case = self.env["crm.case"].create(
                {
                    "name": case_type,
                    "case_type": case_type,
                    "partner_id": self.buyer.id,
                    "company_id": self.company.id,
                }
            )
            received = now - timedelta(hours=hours)
            case.write(
                {"date_received": received, "date_responded": now, "date_closed": now}
            )
        self.assertAlmostEqual(self._element("claim_days", 10).actual, 2, 2)
        questions = self._element("answer_hours", 4)
        self.assertAlmostEqual(questions.actual, 4, 2)
        self.assertEqual(questions.missed_count, 1)

    def test_without_documents_it_says_so(self):
        self.assertEqual(self._element("on_time", 95).state, "none")

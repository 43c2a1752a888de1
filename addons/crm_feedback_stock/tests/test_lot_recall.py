from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_feedback.tests.feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestLotRecall(FeedbackCase):
    """A lot is recalled: everybody who got it has a case, and is told at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.group_ids = [Command.link(cls.env.ref("stock.group_stock_user").id)]
        cls.product.write({"is_storable": True, "tracking": "lot"})
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.bad, cls.good = (
            cls.env["stock.lot"].create({"name": name, "product_id": cls.product.id})
            for name in ("BAD", "GOOD")
        )
        for lot in cls.bad | cls.good:
            cls.env["stock.quant"]._update_available_quantity(
                cls.product, cls.warehouse.lot_stock_id, 10, lot_id=lot
            )

    def _deliver(self, partner, lot):
        picking = self._create_order(partner).picking_ids
        picking.move_ids.move_line_ids.write({"lot_id": lot.id, "quantity": 1})
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        return picking

    def _recall(self):
        self.env.invalidate_all()
        action = self.bad.with_user(self.agent).action_recall()
        return self.case.browse(action["res_id"])

    def test_everybody_who_got_it_has_one_case(self):
        eve = self._create_customer("Eve Inc")
        other = self._create_customer("Olaf AS")
        self._deliver(self.customer, self.bad)
        last = self._deliver(self.customer, self.bad)
        self._deliver(eve, self.bad)
        self._deliver(other, self.good)
        incident = self._recall()
        self.assertEqual(incident.child_ids.partner_id, self.customer | eve)
        self.assertEqual(incident.child_count, 2)
        child = incident.child_ids.filtered(
            lambda case: case.partner_id == self.customer
        )
        self.assertEqual(child.picking_id, last)
        self.assertEqual(child.sale_order_id, last.sale_id)
        self.assertEqual(child.lot_id, self.bad)
        # Told together.
        wizard = incident.with_user(self.agent).action_answer_children()
        self.assertEqual(
            set(wizard["context"]["default_case_ids"]), set(incident.child_ids.ids)
        )

    def test_who_gets_it_later_is_added(self):
        self._deliver(self.customer, self.bad)
        incident = self._recall()
        eve = self._create_customer("Eve Inc")
        self._deliver(eve, self.bad)
        self.assertEqual(self._recall(), incident)
        self.assertEqual(incident.child_ids.partner_id, self.customer | eve)
        self.assertEqual(len(incident.child_ids), 2)

    def test_a_lot_nobody_got(self):
        with self.assertRaisesRegex(UserError, "BAD"):
            self._recall()

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase

PARTS = ("on_time", "in_full", "undamaged", "documents_right")
# What is broken on each of the 14 orders: 18 faults.
FAULTS = (
    *(("late",),) * 5,
    *(("short",),) * 2,
    *(("returned",),) * 2,
    *(("credited",),) * 2,
    ("late", "short"),
    ("returned", "credited"),
    ("late", "returned", "credited"),
)


def deliver(picking, quantity):
    """Deliver so many of each line and give up the rest."""
    picking.move_ids.quantity = quantity
    picking.move_ids.picked = True
    picking.with_context(
        skip_backorder=True, picking_ids_not_to_backorder=picking.ids
    ).button_validate()


def send_back(picking):
    wizard = picking.env["stock.return.picking"].with_context(
        active_id=picking.id, active_model="stock.picking"
    )
    wizard = wizard.create({"picking_id": picking.id})
    wizard.product_return_moves.quantity = 1
    returned = picking.browse(wizard.action_create_returns()["res_id"])
    deliver(returned, 1)
    return returned


@tagged("post_install", "-at_install")
class TestCrmPerfectOrderReport(LifecycleCase):
    """A hundred orders, eighteen faults on fourteen of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.is_storable = False
        now = fields.Datetime.now()
        cls.orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.customer.id,
                    "commitment_date": now + timedelta(days=2),
                    "order_line": [
                        Command.create(
                            {"product_id": cls.product.id, "product_uom_qty": 2}
                        )
                    ],
                }
                for _number in range(100)
            ]
        )
        cls.orders.action_confirm()
        for order, faults in zip(cls.orders, FAULTS, strict=False):
            cls._plant(order, faults)
        for order in cls.orders[len(FAULTS) :]:
            deliver(order.picking_ids, 2)

    @classmethod
    def _plant(cls, order, faults):
        deliver(order.picking_ids, 1 if "short" in faults else 2)
        if "late" in faults:
            order.first_promise_date = fields.Datetime.now() - timedelta(days=3)
        if "returned" in faults:
            send_back(order.picking_ids)
        if "credited" in faults:
            cls._invoice(order)
            note = order.invoice_ids._reverse_moves()
            note.action_post()

    def _read(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.perfect.order.report"].search(
            [("order_id", "in", self.orders.ids)], order="id"
        )

    def _rates(self):
        [rates] = self.env["crm.perfect.order.report"]._read_group(
            [("order_id", "in", self.orders.ids)],
            aggregates=[f"{part}:avg" for part in (*PARTS, "is_perfect")],
        )
        return dict(zip((*PARTS, "is_perfect"), rates, strict=True))

    def test_faultless_orders_are_counted(self):
        rows = self._read()
        self.assertEqual(len(rows), 100)
        self.assertEqual(sum(rows.mapped("fault_count")), 18)
        self.assertEqual(len(rows.filtered(lambda row: not row.is_perfect)), 14)
        rates = self._rates()
        self.assertAlmostEqual(rates["is_perfect"], 0.86)
        product = 1
        for part in PARTS:
            product *= rates[part]
        self.assertGreater(abs(product - 0.86), 0.02, "the rates are not multiplied")

    def test_each_order_has_its_own_faults(self):
        names = dict(zip(("late", "short", "returned", "credited"), PARTS, strict=True))
        for row, faults in zip(self._read(), FAULTS, strict=False):
            for fault, part in names.items():
                with self.subTest(order=row.order_id.name, fault=fault):
                    self.assertEqual(row[part], int(fault not in faults))

    def test_another_promise_changes_only_what_is_on_time(self):
        before = self._rates()
        company = self.env.company
        company.perfect_order_promise = "last"
        self.env.flush_all()
        after = self._rates()
        self.assertEqual(after["on_time"], 1, "the schedule was kept")
        for part in PARTS[1:]:
            self.assertEqual(after[part], before[part])
        self.assertAlmostEqual(after["is_perfect"], 0.91)
        company.perfect_order_promise = "requested"
        wanted = fields.Datetime.now() - timedelta(days=1)
        self.orders[50].customer_requested_date = wanted
        self.env.flush_all()
        requested = self._rates()
        self.assertAlmostEqual(requested["on_time"], before["on_time"] - 0.01)
        for part in PARTS[1:]:
            self.assertEqual(requested[part], before[part])

    def test_each_miss_opens_its_document(self):
        rows = self._read()
        late, returned, credited, short = rows[0], rows[7], rows[9], rows[5]
        action = late.action_open_on_time()
        self.assertEqual(action["res_model"], "stock.picking")
        self.assertEqual(action["res_id"], late.order_id.picking_ids.id)
        self.assertEqual(late.action_open_fault()["res_id"], action["res_id"])
        action = returned.action_open_undamaged()
        back = returned.order_id.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "incoming"
        )
        self.assertEqual(action["res_id"], back.id)
        action = credited.action_open_documents_right()
        self.assertEqual(action["res_model"], "account.move")
        self.assertEqual(
            self.env["account.move"].browse(action["res_id"]).move_type, "out_refund"
        )
        self.assertEqual(short.action_open_in_full()["res_model"], "sale.order")

    def test_what_is_not_due_is_not_judged(self):
        order = self._create_order(commitment_date=fields.Datetime.now() + timedelta(9))
        self.orders = order
        self.assertFalse(self._read())
        order.first_promise_date = fields.Datetime.now() - timedelta(days=1)
        row = self._read()
        self.assertEqual((row.on_time, row.in_full), (0, 0))
        self.assertEqual(row.action_open_in_full()["res_id"], order.picking_ids.id)

    def test_a_salesperson_sees_his_own(self):
        seller = new_test_user(
            self.env,
            "perfect_seller",
            groups="sales_team.group_sale_salesman,"
            "crm_analytics.crm_analytics_group_user",
        )
        self.orders.user_id = self.manager
        self.orders[3].user_id = seller
        self.env.flush_all()
        seen = self.env["crm.perfect.order.report"].with_user(seller)
        seen = seen.search([("order_id", "in", self.orders.ids)])
        self.assertEqual(seen.order_id, self.orders[3])
        report = self.env["crm.perfect.order.report"]
        self.assertFalse(report.with_user(self.user).has_access("read"))
        self.assertFalse(seen.has_access("write"))

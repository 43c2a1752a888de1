from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestComplaintImprovement(FeedbackCase):
    """Forty complaints about a product of one supplier: found, fixed, measured."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case.search([]).active = False
        cls.now = fields.Datetime.now()
        cls.supplier = cls.env["res.partner"].create({"name": "Supplier S"})
        cls.chair = cls._create_product("Chair", cls.supplier)
        cls.lamp = cls._create_product("Lamp", cls.supplier.create({"name": "Other"}))
        cls.fault = cls.env["crm.root.cause"].create({"name": "Bad weld"})

    @classmethod
    def _create_product(cls, name, supplier):
        return cls.env["product.product"].create(
            {"name": name, "seller_ids": [Command.create({"partner_id": supplier.id})]}
        )

    @classmethod
    def _create_orders(cls, count, days_ago, product=None):
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.customer.id,
                    "order_line": [
                        Command.create({"product_id": (product or cls.chair).id})
                    ],
                }
                for _n in range(count)
            ]
        )
        orders.write(
            {"state": "sale", "date_order": cls.now - timedelta(days=days_ago)}
        )
        return orders

    @classmethod
    def _complain(cls, count, days_ago, product=None, **values):
        return cls.case.create(
            [
                {
                    "name": f"Broken {number}",
                    "case_type": "complaint",
                    "partner_id": cls.customer.id,
                    "team_id": cls.team.id,
                    "product_id": (product or cls.chair).id,
                    "date_received": cls.now - timedelta(days=days_ago),
                    **values,
                }
                for number in range(count)
            ]
        )

    def _fix(self, days_ago, **values):
        return self.env["crm.corrective.action"].create(
            {
                "name": "New welding jig",
                "root_cause_id": self.fault.id,
                "user_id": self.agent.id,
                "state": "done",
                "measured_by": "product",
                "product_ids": [Command.set(self.chair.ids)],
                "date_done": fields.Date.today() - timedelta(days=days_ago),
                "date_verify": fields.Date.today(),
                "effect_days": 30,
                **values,
            }
        )

    def _get_pareto(self, dimension, days="365"):
        return self.env["crm.pareto.report"].search(
            [
                ("dimension", "=", dimension),
                ("days", "=", days),
                ("company_id", "=", self.env.company.id),
            ]
        )

    # -- Pareto ---------------------------------------------------------------------

    def test_pareto_names_the_supplier(self):
        self._complain(40, 20)
        self._complain(10, 20, self.lamp)
        self._complain(99, 20, self.lamp, case_type="question")
        rows = self._get_pareto("supplier_id").with_user(self.agent)
        self.assertEqual(rows.mapped("name"), ["Supplier S", "Other"])
        self.assertRecordValues(
            rows,
            [
                {"rank": 1, "complaints": 40, "share": 80, "cumulative_share": 80},
                {"rank": 2, "complaints": 10, "share": 20, "cumulative_share": 100},
            ],
        )
        self.assertEqual(len(set(rows.ids)), 2)
        opened = self.case.search(rows[0].action_open_cases()["domain"])
        self.assertEqual(len(opened), 40)

    def test_pareto_by_period_and_other_kinds(self):
        self._complain(5, 20, root_cause_id=self.fault.id)
        self._complain(7, 60, self.lamp, root_cause_id=self.cause.id)
        self.assertEqual(self._get_pareto("product_id", "30").res_id, self.chair.id)
        recent = self._get_pareto("root_cause_id", "90")
        self.assertEqual(recent.mapped("res_id"), [self.cause.id, self.fault.id])

    # -- effect ---------------------------------------------------------------------

    def test_a_true_fix_is_found_effective(self):
        self._create_orders(200, 50)
        self._create_orders(200, 10)
        self._complain(40, 50)
        self._complain(6, 10)
        # A complaint about an order from before the fix is none about the fix.
        old = self.env["sale.order"].search([], limit=1)
        old.date_order = self.now - timedelta(days=45)
        self._complain(1, 5, sale_order_id=old.id)
        action = self._fix(30)
        action._cron_verify()
        self.assertEqual((action.state, action.verdict), ("verified", "effective"))
        self.assertEqual((action.complaints_before, action.complaints_after), (41, 6))
        self.assertEqual(action.orders_before + action.orders_after, 400)
        self.assertAlmostEqual(
            action.rate_before, 1000 * 41 / action.orders_before, delta=0.05
        )
        self.assertLess(action.ratio_high, 1)
        self.assertLess(action.ratio_low, action.rate_ratio)

    def test_a_false_fix_is_opened_again(self):
        self._create_orders(200, 50)
        self._create_orders(200, 10)
        self._complain(40, 50)
        self._complain(36, 10)
        action = self._fix(30)
        action._cron_verify()
        self.assertEqual((action.state, action.verdict), ("in_progress", "not_shown"))
        self.assertEqual(action.reopen_count, 1)
        self.assertEqual(action.activity_ids.user_id, self.agent)
        self.assertIn("No effect was shown", action.message_ids[0].body)

    def test_fewer_complaints_because_of_fewer_orders_are_no_effect(self):
        self._create_orders(200, 50)
        self._create_orders(50, 10)
        self._complain(40, 50)
        self._complain(10, 10)
        action = self._fix(30)
        action.action_measure()
        self.assertAlmostEqual(action.rate_ratio, 1)
        self.assertEqual(action.verdict, "not_shown")

    def test_what_got_worse_is_not_verified_by_hand(self):
        self._create_orders(200, 50)
        self._create_orders(200, 10)
        self._complain(5, 50)
        self._complain(40, 10)
        action = self._fix(30)
        with self.assertRaises(UserError):
            action.action_verify()

    def test_by_cause_category_and_supplier(self):
        category = self.env["crm.case.category"].create({"name": "Welds"})
        self._create_orders(100, 50)
        self._create_orders(100, 50, self.lamp)
        self._create_orders(100, 10)
        self._complain(9, 50, category_id=category.id, root_cause_id=self.fault.id)
        self._complain(2, 50, self.lamp)
        expected = {"cause": (9, 200), "category": (9, 200), "supplier": (9, 100)}
        for measured_by, (complaints, orders) in expected.items():
            action = self._fix(
                30,
                measured_by=measured_by,
                category_id=category.id,
                supplier_id=self.supplier.id,
            )
            action.action_measure()
            with self.subTest(by=measured_by):
                self.assertEqual(action.complaints_before, complaints)
                self.assertGreaterEqual(action.orders_before, orders)

    def test_an_action_done_gets_its_day_of_verification(self):
        action = self._fix(0, state="in_progress", date_done=False, date_verify=False)
        action.action_done()
        self.assertEqual(action.date_verify - action.date_done, timedelta(days=30))
        with self.assertRaises(UserError):
            self._fix(0, date_done=False).action_measure()

    # -- whys ------------------------------------------------------------------------

    def test_whys_are_numbered(self):
        case = self._complain(1, 0)
        case.with_user(self.agent).why_ids = [
            Command.create({"answer": answer, "sequence": number})
            for number, answer in enumerate(("It broke", "Bad weld", "No jig"))
        ]
        self.assertEqual(case.why_ids.mapped("number"), [1, 2, 3])
        self.assertEqual(case.why_ids.company_id, case.company_id)

    # -- early warning -----------------------------------------------------------------

    def _watch(self):
        return self.env["crm.early.warning"]._watch(self.env.company)

    def test_a_rise_of_a_product_warns_the_leader_once(self):
        self._complain(12, 30)
        self._complain(12, 3)
        # Usual: as many in the week as in each week before.
        for week in range(13):
            self._complain(4, 3 + 7 * week, self.lamp)
        warnings = self._watch()
        found = {(warning.dimension, warning.name) for warning in warnings}
        self.assertIn(("product_id", self.chair.display_name), found)
        self.assertIn(("supplier_id", "Supplier S"), found)
        self.assertNotIn(("product_id", self.lamp.display_name), found)
        chair = warnings.filtered(lambda warning: warning.dimension == "product_id")
        self.assertEqual((chair.case_count, chair.expected_count), (12, 1))
        self.assertEqual(chair.user_id, self.team.user_id)
        self.assertEqual(len(chair.activity_ids), 1)
        self._complain(1, 1)
        self.assertEqual(self._watch(), warnings)
        self.assertEqual((chair.case_count, len(chair.activity_ids)), (13, 1))

    def test_two_cases_or_the_usual_are_no_warning(self):
        self._complain(2, 3)
        for week in range(13):
            self._complain(4, 3 + 7 * week, self.lamp)
        self.assertFalse(self._watch())

    def test_a_warning_leads_to_an_action(self):
        self._complain(12, 3)
        warning = self._watch().filtered(lambda w: w.dimension == "product_id")
        warning.with_user(self.agent).action_confirm()
        context = warning.action_plan_action()["context"]
        action = (
            self.env["crm.corrective.action"]
            .with_context(**context)
            .create({"name": "Stop the line", "root_cause_id": self.fault.id})
        )
        self.assertEqual(action.product_ids, self.chair)
        self.assertEqual(warning.action_ids, action)
        self.assertFalse(warning.activity_ids)
        self.assertEqual(
            self.case.search_count(warning.action_open_cases()["domain"]), 12
        )

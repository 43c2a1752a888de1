from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmKpiPart(AnalyticsCase):
    """A KPI by salesperson: each has a target, and sees his own figures only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.bob = (
            cls._create_user(login, "sales_team.group_sale_salesman")
            for login in ("part_ann", "part_bob")
        )
        cls.manager = cls._create_user(
            "part_manager",
            "crm_analytics.crm_analytics_group_manager,sales_team.group_sale_manager",
        )
        cls.customers = cls._create_history(
            [[(0, 100)], [(0, 100)], [(0, 400)], [(0, 50)]]
        )
        for customer, seller in zip(
            cls.customers, (cls.ann, cls.ann, cls.bob, None), strict=True
        ):
            customer.sale_order_ids.user_id = seller
        cls.kpi = cls.env["crm.kpi"].create(
            {
                "name": "Sold",
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "domain": "[('state', '=', 'sale')]",
                "aggregate": "sum",
                "field_id": cls._get_field("amount_untaxed"),
                "date_field_id": cls._get_field("date_order"),
                "split_field_id": cls._get_field("user_id"),
                "company_id": cls.company.id,
                "user_id": cls.manager.id,
                "corrective_action": "Call your ten best customers",
                "target": 600,
            }
        )

    @classmethod
    def _create_user(cls, login, groups):
        return new_test_user(
            cls.env,
            login,
            name=login.title(),
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _get_field(cls, name, model="sale.order"):
        return cls.env["ir.model.fields"]._get(model, name).id

    def _make_parts(self, kpi=None):
        kpi = kpi or self.kpi
        kpi.with_user(self.manager).action_make_parts()
        return [
            kpi.part_ids.filtered(lambda part, user=user: part.user_id == user)
            for user in (self.ann, self.bob)
        ]

    def test_each_salesperson_gets_a_part(self):
        ann, bob = self._make_parts()
        self.assertEqual(self.kpi.part_count, 2)
        self.assertRecordValues(
            ann | bob,
            [
                {"name": "Sold: Part_Ann", "target": 300, "actual": 200},
                {"name": "Sold: Part_Bob", "target": 300, "actual": 400},
            ],
        )
        self.assertEqual((ann.light, bob.light), ("red", "green"))
        self.assertAlmostEqual(ann.variance, -100 / 3)
        self.assertEqual(self.kpi.actual, 650, "with those of nobody")

    def test_targets_that_are_there_are_kept(self):
        ann, bob = self._make_parts()
        ann.target, bob.target = 200, 400
        self.customers[3].sale_order_ids.user_id = self.manager
        self._make_parts()
        self.assertEqual(sorted(self.kpi.part_ids.mapped("target")), [200, 200, 400])

    def test_plan_actual_and_variance_of_each_month(self):
        ann, bob = self._make_parts()
        (ann | bob).action_plan_year()
        this_month = self.env.cr.now().date().replace(day=1)
        lines = (ann | bob).month_ids.filtered(lambda line: line.month == this_month)
        for part, line in zip(ann | bob, lines.sorted("kpi_id"), strict=True):
            line.target = {ann: 400, bob: 320}[part]
        (self.kpi | ann | bob).action_snapshot()
        self.assertRecordValues(
            lines.sorted("kpi_id"),
            [
                {"actual": 200, "target": 400, "variance": -50, "light": "red"},
                {"actual": 400, "target": 320, "variance": 25, "light": "green"},
            ],
        )
        self.assertEqual(ann.current_target, 400)
        self.assertEqual(ann.snapshot_ids.mapped("actual"), [200])

    def test_closed_months_of_a_part_never_change(self):
        ann, _bob = self._make_parts()
        last = self.env.cr.now().date().replace(day=1) - relativedelta(months=1)
        line = self.env["crm.kpi.month"].create(
            {"kpi_id": ann.id, "month": last, "target": 10}
        )
        ann.action_snapshot()
        self.assertTrue(line.is_closed)
        with self.assertRaises(UserError):
            line.actual = 5

    def test_a_red_part_opens_an_activity_of_its_owner(self):
        ann, bob = self._make_parts()
        cron = self.env.ref("crm_analytics.ir_cron_snapshot_kpis")
        for _day in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.assertEqual(ann.activity_ids.user_id, self.ann)
        self.assertEqual(len(ann.activity_ids), 1)
        self.assertIn("Call your ten best", ann.activity_ids.note)
        self.assertFalse(bob.activity_ids)
        opened = ann.activity_ids.with_user(self.ann)
        self.assertEqual(opened.res_name, "Sold: Part_Ann")

    def test_who_sees_what(self):
        ann, bob = self._make_parts()
        family = self.kpi | ann | bob
        family.action_snapshot()
        seen = {
            self.ann: ann,
            self.bob: bob,
            self.manager: family,
            self.analyst: self.kpi,
        }
        for user, kpis in seen.items():
            with self.subTest(user.login):
                self.env.invalidate_all()
                mine = [("id", "in", family.ids)]
                self.assertEqual(self.env["crm.kpi"].with_user(user).search(mine), kpis)
                of_them = [("kpi_id", "in", family.ids)]
                for model in ("crm.kpi.month", "crm.kpi.snapshot"):
                    found = self.env[model].with_user(user).search(of_them)
                    self.assertEqual(found.kpi_id, kpis)
        with self.assertRaises(AccessError):
            bob.with_user(self.ann).read(["actual"])
        with self.assertRaises(AccessError):
            ann.with_user(self.ann).write({"target": 1})

    def test_the_owner_of_the_whole_sees_its_parts(self):
        self._make_parts()
        self.kpi.user_id = self.analyst
        self.env.invalidate_all()
        seen = self.env["crm.kpi"].with_user(self.analyst)
        self.assertEqual(
            seen.search([("parent_id", "=", self.kpi.id)]), self.kpi.part_ids
        )

    def test_a_part_follows_the_measure_of_the_whole(self):
        ann, _bob = self._make_parts()
        self.kpi.write({"aggregate": "count", "direction": "down"})
        self.assertEqual((ann.actual, ann.direction), (2, "down"))
        self.assertEqual(ann.aggregate, "count")

    def test_documents_behind_a_part(self):
        ann, _bob = self._make_parts()
        domain = ann.action_open_documents()["domain"]
        self.assertEqual(
            self.env["sale.order"].search(domain),
            self.customers[:2].sale_order_ids.sorted("id", reverse=True),
        )

    def test_by_team_the_leader_owns_the_part(self):
        team = self.env["crm.team"].create(
            {"name": "North", "user_id": self.bob.id, "company_id": self.company.id}
        )
        self.env["sale.order"].search([("company_id", "=", self.company.id)]).write(
            {"team_id": team.id}
        )
        kpi = self.kpi.copy({"split_field_id": self._get_field("team_id")})
        kpi.with_user(self.manager).action_make_parts()
        self.assertRecordValues(
            kpi.part_ids,
            [{"name": "Sold: North", "user_id": self.bob.id, "actual": 650}],
        )

    def test_a_share_is_that_of_each(self):
        kpi = self.kpi.copy(
            {"aggregate": "share", "share_domain": "[('amount_untaxed', '>', 300)]"}
        )
        ann, bob = self._make_parts(kpi)
        self.assertEqual((ann.actual, bob.actual), (0, 100))
        self.assertEqual(ann.target, kpi.target)

    def test_an_average_of_nothing_has_no_light(self):
        kpi = self.kpi.copy({"aggregate": "avg", "direction": "down"})
        ann, bob = self._make_parts(kpi)
        self.assertEqual((ann.actual, bob.light), (100, "green"))
        self.customers[2].sale_order_ids.date_order -= relativedelta(months=2)
        kpi.part_ids._take_actual()
        self.assertEqual((ann.light, bob.light), ("green", False))

    def test_parts_are_measured_at_once(self):
        ann, bob = self._make_parts()
        self.env.flush_all()
        with self.assertQueryCount(1):
            figures = (ann | bob)._measure_each()
        self.assertEqual(figures, {ann: 200, bob: 400})

    def test_splitting_by_something_else_needs_a_field_of_one_record(self):
        with self.assertRaises(ValidationError):
            self.kpi.split_field_id = self._get_field("amount_untaxed")
        self._make_parts()
        with self.assertRaises(UserError):
            self.kpi.split_field_id = self._get_field("team_id")


@tagged("post_install", "-at_install")
class TestStandardKpis(AnalyticsCase):
    def _get_standard_of(self, company):
        return self.env["crm.kpi"].search(
            [("company_id", "=", company.id), ("standard_id", "!=", False)]
        )

    def test_each_company_has_them_with_its_own_figures(self):
        self._create_history([[(1, 100)], [(2, 300)]])
        kpis = self._get_standard_of(self.company)
        self.assertEqual(kpis.standard_id, self.env["crm.kpi"]._get_standard())
        kpis.action_snapshot()
        basket = self.env.ref("crm_analytics.crm_kpi_average_basket")
        own = kpis.filtered(lambda kpi: kpi.standard_id == basket)
        self.assertEqual(own.actual, 200)
        other = self.env["res.company"].create({"name": "Came later"})
        self.env.user.company_ids += other
        theirs = self._get_standard_of(other)
        self.assertEqual(len(theirs), len(kpis))
        self.assertEqual(set(theirs.mapped("actual")), {0})

    def test_they_come_once(self):
        self.env["crm.kpi"]._provide_standard()
        before = self._get_standard_of(self.company)
        before[0].active = False
        self.env["crm.kpi"]._provide_standard()
        self.assertEqual(self._get_standard_of(self.company), before[1:])

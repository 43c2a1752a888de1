import itertools
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerStage(LifecycleCase):
    def _refresh_on(self, days_ago):
        """Refresh the profile as if it were so many days ago."""
        moment = fields.Datetime.now() - timedelta(days=days_ago)
        with patch.object(type(self.profile), "_now", lambda _self: moment):
            self.profile._refresh(self.customer)

    def _get_flow(self, *groups):
        return self.env["crm.customer.stage.report"]._read_group(
            [("partner_id", "=", self.customer.id)],
            groups,
            ["change:sum", "days:avg", "forward:avg"],
        )

    def test_the_flow_between_stages_sums_up_to_zero(self):
        self._refresh_on(90)
        self._create_order(days_ago=60)
        self._refresh_on(60)
        self._create_order(days_ago=20)
        self._refresh_on(20)
        flow = {stage: figures for stage, *figures in self._get_flow("stage")}
        self.assertEqual(
            {stage: change for stage, (change, *_others) in flow.items()},
            {"none": -1, "prospect": 0, "new": 0, "repeat": 1},
        )
        for month, change, *_others in self._get_flow("date:month"):
            self.assertEqual(change, 0, month)
        self.assertAlmostEqual(flow["prospect"][1], 30, places=3)
        self.assertAlmostEqual(flow["new"][1], 40, places=3)
        self.assertEqual(flow["new"][2], 1, "all who left moved forward")

    def test_moving_back_is_no_conversion(self):
        self._create_order(days_ago=300)
        self._refresh_on(299)
        self._refresh_on(0)
        self.assertEqual(self._get_profile().lifecycle_stage, "at_risk")
        flow = {stage: figures for stage, *figures in self._get_flow("stage")}
        self.assertEqual(flow["new"][2], 0)
        self._create_order()
        self._refresh_on(-1)
        flow = {stage: figures for stage, *figures in self._get_flow("stage")}
        self.assertEqual(flow["at_risk"][2], 1, "to win back is one")

    def test_a_new_profile_knows_the_past(self):
        for days_ago in (900, 800, 10):
            self._create_order(days_ago=days_ago)
        self._refresh_on(0)
        stays = self._get_profile().stage_ids.sorted("id")
        self.assertEqual(
            stays.mapped("stage"), ["new", "repeat", "at_risk", "lapsed", "repeat"]
        )
        self.assertEqual(
            [round(days) for days in stays.mapped("days")], [100, 180, 185, 425, 10]
        )
        self.assertFalse(stays[-1].date_left)
        for earlier, later in zip(stays, stays[1:], strict=False):
            self.assertEqual(later.previous_stage, earlier.stage)
            self.assertEqual(later.date_entered, earlier.date_left)
        moved = self.event.search_count([("type_id.code", "=", "stage_changed")])
        self.env.ref(
            "crm_lifecycle.crm_customer_event_type_stage_changed"
        )._insert_events(Domain.TRUE)
        self.assertEqual(
            self.event.search_count([("type_id.code", "=", "stage_changed")]),
            moved,
            "the past gives no events",
        )

    def test_a_lost_history_is_written_again(self):
        self._create_order(days_ago=10)
        self._refresh_on(0)
        self.env.cr.execute("DELETE FROM crm_customer_stage")
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            self.profile._make_all_stale()
            self.env.ref(
                "crm_lifecycle.ir_cron_refresh_all_profiles"
            ).method_direct_trigger()
        self.assertEqual(self._get_profile().stage_ids.mapped("stage"), ["new"])

    def _create_rule(self, **values):
        return self.env["crm.customer.stage.rule"].create(
            {"stage": "loyal", "domain": "[('revenue', '>=', 1000)]", **values}
        )

    def test_own_rules_come_first(self):
        self._create_rule()
        self._create_order(amount=900)
        self._refresh_on(0)
        self.assertEqual(self._get_profile().lifecycle_stage, "new")
        self._create_order(amount=200)
        self._refresh_on(-1)
        self.assertEqual(self._get_profile().lifecycle_stage, "loyal")
        belgium = self.env.ref("base.be")
        day = itertools.count(-2, -1)
        for domain in (
            [("partner_id.country_id", "=", belgium.id), ("order_count", ">", 1)],
            [("last_order_date", ">=", "today -3d"), ("country_id", "=", belgium.id)],
        ):
            with self.subTest(domain):
                rule = self._create_rule(
                    stage="advocate", domain=str(domain), sequence=1
                )
                self.customer.country_id = belgium
                self._refresh_on(next(day))
                self.assertEqual(self._get_profile().lifecycle_stage, "advocate")
                rule.active = False
                self._refresh_on(next(day))
                self.assertEqual(self._get_profile().lifecycle_stage, "loyal")

    def test_new_limits_are_applied_soon(self):
        self.env["crm.customer.profile.run"].search([]).unlink()
        self.env.company.name = "Other name"
        asked = [("date_start", "=", False)]
        self.assertFalse(self.env["crm.customer.profile.run"].search(asked))
        self.env.company.crm_loyal_orders = 7
        self.assertTrue(self.env["crm.customer.profile.run"].search(asked))

    def test_rule_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._create_rule(domain="[]", company_id=other.id)
        self._create_order()
        self._refresh_on(0)
        self.assertEqual(self._get_profile().lifecycle_stage, "new")

    def test_wrong_rules_are_refused(self):
        for domain in (
            "[('lifecycle_stage', '=', 'new')]",
            "[('missing', '=', 1)]",
            "[(",
        ):
            with self.subTest(domain), self.assertRaises(ValidationError):
                self._create_rule(domain=domain)

    def test_an_addon_says_who_is_an_advocate(self):
        self._create_order()
        with patch.object(
            type(self.profile),
            "_get_advocate_conditions",
            lambda _self: [SQL("figures.city = 'Ghent'")],
        ):
            self._refresh_on(0)
            self.assertEqual(self._get_profile().lifecycle_stage, "new")
            self.customer.city = "Ghent"
            self._refresh_on(-1)
        self.assertEqual(self._get_profile().lifecycle_stage, "advocate")

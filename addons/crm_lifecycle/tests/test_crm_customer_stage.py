from datetime import timedelta
from unittest.mock import patch

from odoo import fields
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

from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_analytics.tests.analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestFirstResponse(AnalyticsCase):
    """Features, row 47: first answers within four hours, planned and followed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpi = cls.env["crm.kpi"].search(
            [
                (
                    "standard_id",
                    "=",
                    cls.env.ref("crm_analytics_feedback.crm_kpi_first_response").id,
                ),
                ("company_id", "=", cls.company.id),
            ]
        )
        cls.kpi.user_id = cls.analyst
        cls.this_month = cls.env.cr.now().date().replace(day=1)
        cls.last_month = cls.this_month - relativedelta(months=1)
        cls.north, cls.south = cls.env["crm.case.team"].create(
            [
                {
                    "name": name,
                    "company_id": cls.company.id,
                    "user_id": cls.analyst.id,
                    "member_ids": [Command.set(cls.analyst.ids)],
                }
                for name in ("North", "South")
            ]
        )

    def _create_cases(self, first_day, team, hours):
        received = datetime.combine(first_day, time(0, 5))
        cases = self.env["crm.case"].create(
            [
                {
                    "name": "Where is it?",
                    "company_id": self.company.id,
                    "team_id": team.id,
                    "date_received": received,
                }
                for _hours in hours
            ]
        )
        for case, after in zip(cases, hours, strict=True):
            case.date_responded = received + timedelta(hours=after)
        return cases

    def test_plan_actual_variance_and_activity(self):
        self.assertEqual((self.kpi.target, self.kpi.direction), (4, "down"))
        self._create_cases(self.this_month, self.north, [2, 4])
        self._create_cases(self.this_month, self.south, [8, 10])
        line = self.env["crm.kpi.month"]._plan(self.kpi, 12)[0]
        self.assertEqual(len(self.kpi.month_ids), 12)
        cron = self.env.ref("crm_analytics.ir_cron_snapshot_kpis")
        for _night in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.assertRecordValues(
            line,
            [{"target": 4, "actual": 6, "variance": 50, "light": "red"}],
        )
        self.assertEqual(self.kpi.activity_ids.user_id, self.analyst)
        self.assertEqual(len(self.kpi.activity_ids), 1)
        self.assertIn("6", self.kpi.activity_ids.note)

    def test_a_closed_month_never_changes(self):
        self._create_cases(self.last_month, self.north, [2, 4])
        line = self.env["crm.kpi.month"].create(
            {"kpi_id": self.kpi.id, "month": self.last_month, "target": 4}
        )
        self.kpi.action_snapshot()
        closed = {"actual": 3, "variance": -25, "light": "green", "is_closed": True}
        self.assertRecordValues(line, [closed])
        self._create_cases(self.last_month, self.north, [40])
        self.kpi.action_snapshot()
        self.assertRecordValues(line, [closed])
        with self.assertRaises(UserError):
            line.target = 10

    def test_each_team_has_its_own(self):
        self._create_cases(self.this_month, self.north, [2, 4])
        self._create_cases(self.this_month, self.south, [8, 10])
        self.kpi.action_make_parts()
        parts = self.kpi.part_ids.sorted("name")
        self.assertEqual(
            [part.name.split(": ")[1] for part in parts], ["North", "South"]
        )
        self.assertEqual(parts.mapped("actual"), [3, 9])
        self.assertEqual(parts.mapped("light"), ["green", "red"])
        self.assertEqual(parts.mapped("target"), [4, 4])
        self.assertEqual(parts.user_id, self.analyst)

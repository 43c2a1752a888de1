from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from .analytics_case import AnalyticsCase

BOARDS = ("sales", "marketing", "management")


@tagged("post_install", "-at_install")
class TestCrmDocumentSummary(AnalyticsCase):
    """Boards show the same from summaries as from the documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.colleague = (
            new_test_user(
                cls.env,
                login,
                groups="sales_team.group_sale_salesman,"
                "crm_lifecycle.crm_lifecycle_group_user",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for login in ("summed_seller", "summed_colleague")
        )
        cls.customers = cls._create_history(
            [[(400, 50), (10, 100)], [(20, 300), (0, 11)], [(95, 70)]]
        )
        orders = cls.env["sale.order"].search([("company_id", "=", cls.company.id)])
        campaign = cls.env["utm.campaign"].create({"name": "Spring"})
        for order, user in zip(orders, [cls.seller, cls.colleague] * 3, strict=False):
            order.write({"user_id": user.id, "campaign_id": campaign.id})
        cls._create_leads()

    @classmethod
    def _create_leads(cls):
        """Make won, lost and open opportunities of both salespersons."""
        cls.leads = cls.env["crm.lead"].create(
            [
                {
                    "name": f"Deal {number}",
                    "type": "opportunity",
                    "company_id": cls.company.id,
                    "user_id": (cls.seller, cls.colleague)[number % 2].id,
                    "expected_revenue": 100 + number,
                    "source_id": cls.env.ref("utm.utm_source_newsletter").id,
                }
                for number in range(9)
            ]
        )
        cls.leads[:3].action_set_won()
        cls.leads[3:6].action_set_lost()
        cls.env.flush_all()
        now = fields.Datetime.now()
        for number, lead in enumerate(cls.leads):
            cls.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s, date_closed = %s WHERE id = %s",
                [
                    now - timedelta(days=100 - 10 * number),
                    now - timedelta(days=8 - number) if number < 6 else None,
                    lead.id,
                ],
            )
        cls.env.invalidate_all()

    def _get_boards(self, user, **choices):
        """Return what each board shows, without the lists behind it."""
        dashboard = self.env["crm.dashboard"].with_user(user)
        shown = {}
        for board in BOARDS:
            if board not in {each["key"] for each in dashboard.get_boards()["boards"]}:
                continue
            found = dashboard.get_dashboard(board, **choices)
            for tile in found["tiles"]:
                shown[board, tile["key"]] = tile["value"], tile["detail"]
            for chart in found["charts"]:
                shown[board, chart["key"]] = [
                    (bar["label"], bar["value"]) for bar in chart.get("bars", ())
                ]
        return shown

    def _refresh(self):
        self.env["crm.document.summary.mixin"]._refresh_all()

    def test_the_same_as_from_the_documents(self):
        today = fields.Date.today()
        days = {
            "date_from": str(today - timedelta(days=60)),
            "date_to": str(today - timedelta(days=3)),
        }
        choices = ({}, {"months": 24}, days, {"company": self.company.id})
        users = (self.env.user, self.seller)
        live = [self._get_boards(user, **each) for user in users for each in choices]
        self.assertIn("411", str(live[0]["management", "revenue"]))
        self._refresh()
        self.assertTrue(self.env["crm.order.summary"].sudo().search([], limit=1))
        summed = [self._get_boards(user, **each) for user in users for each in choices]
        self.maxDiff = None
        for expected, found in zip(live, summed, strict=True):
            self.assertEqual(found, expected)

    def test_past_days_are_read_from_the_summary(self):
        self._refresh()
        self.env.cr.execute(
            "UPDATE crm_order_summary SET revenue = revenue + 1000"
            " WHERE company_id = %s",
            [self.company.id],
        )
        bars = dict(self._get_boards(self.env.user, months=24)["sales", "revenue"])
        days = self.env["crm.order.summary"].search_count(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(sum(bars.values()), 531 + 1000 * days)

    def test_what_came_since_is_there_at_once(self):
        self._refresh()
        before = self._get_boards(self.seller)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customers[0].id,
                "company_id": self.company.id,
                "user_id": self.seller.id,
            }
        )
        order.write({"state": "sale", "amount_untaxed": 7})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET amount_untaxed = 7, date_order = now() AT TIME ZONE"
            " 'UTC' WHERE id = %s",
            [order.id],
        )
        self.env.invalidate_all()
        after = self._get_boards(self.seller)
        gained = sum(value for _label, value in after["sales", "revenue"]) - sum(
            value for _label, value in before["sales", "revenue"]
        )
        self.assertAlmostEqual(gained, 7)

    def test_a_salesperson_gets_no_more_than_the_documents_would_show(self):
        self._refresh()
        orders = self.env["sale.order"].with_user(self.seller)
        mine = orders.search([("state", "=", "sale")])
        [(count, revenue)] = (
            self.env["crm.order.summary"]
            .with_user(self.seller)
            ._read_days([], [], ["document_count", "revenue"])
        )
        self.assertEqual(count, len(mine))
        self.assertEqual(revenue, sum(mine.mapped("amount_untaxed")))
        self.assertLess(count, len(orders.sudo().search([("state", "=", "sale")])))

    def test_a_rule_that_the_summary_cannot_follow_is_kept_all_the_same(self):
        self._refresh()
        self.env["ir.rule"].create(
            {
                "name": "Only one customer",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "domain_force": f"[('partner_id', '=', {self.customers[2].id})]",
            }
        )
        summary = self.env["crm.order.summary"].with_user(self.colleague)
        mine = self.env["sale.order"].with_user(self.colleague).search([])
        [(count,)] = summary._read_days([], [], ["document_count"])
        self.assertEqual(count, len(mine.filtered(lambda o: o.state == "sale")))

    def test_who_may_not_read_the_documents_gets_nothing(self):
        self._refresh()
        employee = new_test_user(self.env, "nosy_employee", groups="base.group_user")
        summary = self.env["crm.order.summary"].with_user(employee)
        self.assertEqual(summary._read_days([], [], ["document_count"]), [])

    def test_days_are_those_of_the_company(self):
        self.company.partner_id.tz = "Pacific/Auckland"
        order = self.env["sale.order"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        # Twelve hours and more ahead: the evening in UTC is the next morning there.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET date_order = '2020-03-31 20:00' WHERE id = %s",
            [order.id],
        )
        self.env.invalidate_all()
        self._refresh()
        rows = self.env["crm.order.summary"]._read_days(
            [],
            ["day:month"],
            ["document_count"],
            date_to=fields.Date.to_date("2020-12-31"),
        )
        self.assertEqual([str(month) for month, _count in rows], ["2020-04-01"])

    def test_bars_of_the_waterfall_open_what_they_count(self):
        self._refresh()
        board = self.env["crm.dashboard"].get_dashboard("sales", months=12)
        [waterfall] = [each for each in board["charts"] if each["key"] == "waterfall"]
        for bar in waterfall["bars"]:
            documents = self.env[bar["model"]].search(bar["domain"])
            if bar["model"] == "crm.lead":
                self.assertEqual(
                    sum(documents.mapped("expected_revenue")), abs(bar["value"])
                )

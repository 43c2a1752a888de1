from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .churn_case import ChurnCase


@tagged("post_install", "-at_install")
class TestCrmChurnWarningSignal(ChurnCase):
    """Each signal fires at its threshold, not just below it, and says why."""

    def _invoice(self, due_days_ago, paid_days_late=None):
        """Post an invoice that was due some days ago, and pay it."""
        today = fields.Date.context_today(self.warning)
        due = today - timedelta(days=due_days_ago)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": due,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "price_unit": 100,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        if paid_days_late is not None:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create(
                {"payment_date": due + timedelta(days=paid_days_late)}
            ).action_create_payments()
        return invoice

    def test_own_rhythm_broken(self):
        for days_ago in (99, 79, 59, 39):
            self._order(days_ago)
        self.assertFalse(self._fire("rhythm", 2), "39 days are not twice 20")
        self.assertEqual(
            self._fire("rhythm", 1.9),
            "Orders every 20 days as a rule; nothing for 39 days",
        )

    def test_own_rhythm_at_its_threshold(self):
        for days_ago in (100, 80, 60, 40):
            self._order(days_ago)
        self.assertEqual(
            self._fire("rhythm", 2),
            "Orders every 20 days as a rule; nothing for 40 days",
        )

    def test_three_orders_are_no_rhythm(self):
        for days_ago in (80, 60, 40):
            self._order(days_ago)
        self.assertFalse(self._fire("rhythm", 2))

    def test_two_orders_of_a_day_are_one(self):
        for days_ago in (80, 60, 40, 40):
            self._order(days_ago)
        self.assertFalse(self._fire("rhythm", 2))

    def test_who_left_long_ago_is_no_early_warning(self):
        for days_ago in (460, 440, 420, 400):
            self._order(days_ago)
        self.assertFalse(self._fire("rhythm", 2))
        self.warning.max_silence_days = 500
        self.assertFalse(self._fire("rhythm", 2), "there is no margin left to lose")
        self.product.standard_price = 0
        for days_ago in (360, 340):
            self._order(days_ago)
        self.warning.max_silence_days = 365
        self.assertTrue(self._fire("rhythm", 2))

    def test_smaller_baskets(self):
        for days_ago in (70, 60, 50):
            self._order(days_ago, quantity=10)
        for days_ago in (30, 20):
            self._order(days_ago, quantity=7)
        last = self._order(10, quantity=7.1)
        self.assertFalse(self._fire("basket", 30), "29.7 % smaller")
        last.order_line.product_uom_qty = 7
        self.assertEqual(
            self._fire("basket", 30),
            "The last three baskets are 30 % smaller than before",
        )

    def test_two_old_baskets_are_no_mean(self):
        for days_ago in (60, 50):
            self._order(days_ago, quantity=10)
        for days_ago in (30, 20, 10):
            self._order(days_ago, quantity=1)
        self.assertFalse(self._fire("basket", 30))

    def test_slower_payment(self):
        self._order(5)
        for due, late in ((300, 0), (280, 2), (100, 10), (80, 11)):
            self._invoice(due, late)
        self.assertFalse(self._fire("payment", 10), "10.5 days against 1")
        self.assertEqual(
            self._fire("payment", 9.5), "Pays 10 days later than a year ago"
        )

    def test_what_is_not_paid_yet_is_late_by_the_days_until_today(self):
        self._order(5)
        for due, late in ((300, 0), (280, 0)):
            self._invoice(due, late)
        self._invoice(30)
        self.assertFalse(self._fire("payment", 10), "one invoice is no mean")
        self._invoice(20)
        self.assertEqual(
            self._fire("payment", 25), "Pays 25 days later than a year ago"
        )

    def test_higher_prices(self):
        self._order(250, quantity=2, price=100)
        order = self._order(30, quantity=5, price=107.9)
        self.assertFalse(self._fire("price", 8))
        order.order_line.price_unit = 108
        self.assertEqual(
            self._fire("price", 8),
            "Pays 8 % more for the same products than a year ago",
        )

    def test_other_products_are_no_higher_price(self):
        self._order(250, price=100)
        other = self._create_product("Chandelier", 900)
        self._order(30, price=900, product=other)
        self.assertFalse(self._fire("price", 8))

    def test_figures_of_other_addons_count_where_they_are(self):
        self._order(5)
        self._refresh()
        profile = self.env["crm.customer.profile"].search(
            [("partner_id", "=", self.customer.id)]
        )
        for kind, values, threshold, reason in (
            ("complaint", {"open_complaint_count": 1}, 1, "A complaint is open"),
            (
                "unhappy",
                {"last_nps": 3, "nps_category": "detractor"},
                6,
                "Would hardly recommend us: 3 of 10",
            ),
            (
                "predicted",
                {"churn_probability": 0.78, "churn_reason_codes": "silence"},
                66,
                "Leaves with a chance of 78 % by the analysis: has not ordered for "
                "long",
            ),
        ):
            signal = self.warning.signal_ids.filtered(
                lambda signal, kind=kind: signal.kind == kind
            )
            with self.subTest(kind):
                if not signal.is_available:
                    self.assertFalse(self._fire(kind, threshold))
                    continue
                self.assertFalse(self._fire(kind, threshold))
                profile.sudo().write(values)
                self.env.flush_all()
                self.assertEqual(self._fire(kind, threshold), reason)

    def test_who_objects_to_profiling_is_not_looked_at(self):
        self._lose()
        self.assertTrue(self._fire("rhythm", 2))
        self.env["crm.consent"]._record(
            self.customer, "profiling", "use", False, "Letter", "No profiling"
        )
        self.assertFalse(self._fire("rhythm", 2))

    def test_members_of_segments_only(self):
        self._lose()
        segment = self.env["crm.segment"].create({"name": "Chosen", "kind": "static"})
        self.warning.segment_ids = segment
        self.assertFalse(self._fire("rhythm", 2))
        self.env["crm.segment.member"].create(
            {
                "segment_id": segment.id,
                "partner_id": self.customer.id,
                "company_id": self.env.company.id,
                "date_entered": fields.Datetime.now(),
            }
        )
        self.assertTrue(self._fire("rhythm", 2))

    def test_weights_add_up_to_the_score(self):
        for days_ago in (250, 230, 210):
            self._order(days_ago, quantity=10)
        for days_ago in (40, 30, 20):
            self._order(days_ago, quantity=5, price=120)
        self._refresh()
        [candidate] = [
            each
            for each in self.warning._find_candidates()
            if each.partner_id == self.customer.id
        ]
        kinds = [fact["kind"] for fact in candidate.facts]
        self.assertEqual((candidate.score, kinds), (2, ["basket", "price"]))
        self.warning.min_score = 3
        self.assertFalse(self.warning._find_candidates())

    def test_a_new_signal_of_another_addon_counts(self):
        """As docs/consultant/churn-signals.md has it: a query and a sentence."""
        signals = type(self.env["crm.churn.warning.signal"])
        self.patch(
            signals,
            "_get_rhythm_query",
            lambda signal, moment: SQL(
                'SELECT partner_id, \'{"days": 1, "silent": 2}\'::jsonb AS figures'
                " FROM watched"
            ),
        )
        self._order(5)
        self.assertEqual(
            self._fire("rhythm", 2), "Orders every 1 days as a rule; nothing for 2 days"
        )

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_lifecycle.models.crm_dashboard import DashboardScope

from .churn_case import ChurnCase


@tagged("post_install", "-at_install")
class TestCrmChurnWarningEffect(ChurnCase):
    """What acting saved, told against the hold-out."""

    def _judge(self, acted, holdout):
        for margin in acted:
            self._create_alert(margin)
        for margin in holdout:
            self._create_alert(margin, is_holdout=True)
        self.warning.invalidate_recordset()

    def test_saved_margin_with_its_interval(self):
        """Means 120 and 40, each with variance 4000 / 9 of ten.

        The error of the difference is sqrt(2 x 44.44) = 9.428, with 18 degrees of
        freedom t = 2.1009: 80 +- 19.81 per customer, times ten.
        """
        self._judge([100] * 5 + [140] * 5, [20] * 5 + [60] * 5)
        self.assertEqual(
            (self.warning.judged_count, self.warning.holdout_count), (10, 10)
        )
        self.assertAlmostEqual(self.warning.saved_margin, 800)
        self.assertAlmostEqual(self.warning.saved_margin_low, 601.9, delta=0.1)
        self.assertAlmostEqual(self.warning.saved_margin_high, 998.1, delta=0.1)
        self.assertEqual(self.warning.verdict, "works")
        self.assertEqual(
            [bar["value"] for bar in self.warning.effect_chart["bars"]], [120, 40]
        )

    def test_no_effect_is_not_called_one(self):
        self._judge([0] * 6 + [100] * 6, [0] * 6 + [90] * 6)
        self.assertEqual(self.warning.verdict, "none")
        self.assertLess(self.warning.saved_margin_low, 0)
        self.assertEqual(self.warning.back_rate, 50)

    def test_harm_is_called_so(self):
        self._judge([20] * 5 + [60] * 5, [100] * 5 + [140] * 5)
        self.assertEqual(self.warning.verdict, "harms")
        self.assertIn("stop", self.warning.verdict_note)

    def test_nine_are_too_few(self):
        self._judge([100] * 5 + [140] * 5, [20] * 5 + [60] * 4)
        self.assertEqual(self.warning.verdict, "too_few")
        self.assertIn("10 of each", self.warning.verdict_note)

    def test_who_is_dismissed_counts_and_who_is_open_does_not(self):
        self._judge([100] * 10, [100] * 10)
        self._create_alert(0, state="dismissed")
        self._create_alert()
        self.warning.invalidate_recordset()
        self.assertEqual(self.warning.judged_count, 11)

    def test_a_customer_counts_once(self):
        alert = self._create_alert(100)
        self._create_alert(
            900,
            partner_id=alert.partner_id.id,
            date_opened=alert.date_opened + timedelta(days=1),
        )
        self.warning.invalidate_recordset()
        self.assertEqual(
            (self.warning.judged_count, self.warning.mean_margin), (1, 100)
        )

    def test_a_replay_contacts_nobody_and_tells_who_left(self):
        """Three were silent 91 days ago; one of them came back, a regular stayed."""
        back, *gone = self._create_lost(3, self.seller)
        regular = self.env["res.partner"].create({"name": "Regular"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET date_order = date_order - interval '91 days'"
            " WHERE partner_id IN %s",
            [tuple(partner.id for partner in (back, *gone))],
        )
        self.env.invalidate_all()
        self._order(30, partner=back)
        for days_ago in (160, 140, 120, 100, 80, 60):
            self._order(days_ago, partner=regular)
        self._refresh()
        self.warning.signal_ids.filtered(lambda s: s.kind != "rhythm").is_on = False
        mails = self.env["mail.mail"].search_count([])
        activities = self.env["mail.activity"].search_count([])
        replay = self.env["crm.churn.warning"].browse(
            self.warning.action_replay()["res_id"]
        )
        self.assertEqual(replay.state, "replay")
        self.assertEqual(replay.alert_ids.mapped("state").count("lost"), 2)
        self.assertEqual(
            replay.replay_note,
            # 40 of 960 x 90 / 365 = 236.7; the other 80 of 160 x 90 / 365 = 39.5.
            "In the 90 days after, the 3 customers listed brought 17 % of what they "
            "used to bring in that time; the 1 others 203 %. 2 of those listed ordered "
            "nothing.",
        )
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertEqual(self.env["mail.activity"].search_count([]), activities)
        self.assertEqual(self.warning.state, "draft")
        events = self.env["crm.customer.event"].search(
            [("type_id.code", "=like", "churn\\_%")]
        )
        self.assertFalse(events)

    def test_a_replay_without_anybody_says_so(self):
        with self.assertRaises(UserError):
            self.warning.action_replay()

    def test_board_of_loyalty(self):
        self._judge([100] * 5 + [140] * 5, [20] * 5 + [60] * 5)
        self._create_alert()
        self._create_alert(state="acted_on")
        self._create_alert(is_holdout=True)
        today = self.env.cr.now().date()
        scope = DashboardScope("loyalty", today, today, self.env.company.ids)
        tiles = {
            tile["key"]: tile for tile in self.env["crm.dashboard"]._get_tiles(scope)
        }
        self.assertEqual(tiles["churn_alerts"]["value"], "2")
        self.assertIn("200", tiles["churn_stake"]["value"])
        self.assertIn("800", tiles["churn_saved"]["value"])
        self.assertEqual(tiles["churn_saved"]["detail"], "Works")
        action = tiles["churn_alerts"]["action"]
        self.assertEqual(self.alert.search_count(action["domain"]), 2)

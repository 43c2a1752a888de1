from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_lifecycle.journey_steps.splitting import draw

from .churn_case import ChurnCase


@tagged("post_install", "-at_install")
class TestCrmChurnWarning(ChurnCase):
    """The weekly list: found, owned, acted on, closed."""

    def _activities(self, alert):
        return self.env["mail.activity"].search(
            [("res_model", "=", "crm.churn.alert"), ("res_id", "=", alert.id)]
        )

    def _get_codes(self):
        events = self.env["crm.customer.event"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("type_id.code", "=like", "churn\\_%"),
            ],
            order="id",
        )
        return [event.type_id.code for event in events]

    # ------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------

    def test_an_alert_has_reasons_stake_owner_and_one_activity(self):
        self._lose(quantity=2)
        self._start()
        alert = self._watch()
        self.assertEqual(alert.partner_id, self.customer)
        self.assertEqual(
            alert.reasons, "Orders every 20 days as a rule; nothing for 60 days"
        )
        # Four orders of two lamps, each 100 less 60.
        self.assertEqual(alert.margin_at_stake, 320)
        self.assertEqual(alert.stake_note, "Margin of the last 12 months")
        self.assertEqual((alert.user_id, alert.state), (self.seller, "open"))
        activity = self._activities(alert)
        self.assertEqual(activity.user_id, self.seller)
        self.assertIn("nothing for 60 days", activity.note)
        today = fields.Date.context_today(alert)
        self.assertEqual(activity.date_deadline, today + timedelta(days=3))
        self.assertEqual(self._get_codes(), ["churn_alert_opened"])

    def test_a_second_run_changes_nothing(self):
        self._lose()
        self._start()
        alert = self._watch()
        mails = self.env["mail.message"].search_count([])
        self.assertFalse(self._watch())
        self.assertEqual(len(self._activities(alert)), 1)
        self.assertEqual(self.env["mail.message"].search_count([]), mails)

    def test_the_list_goes_on_where_a_run_was_stopped(self):
        partners = self._create_lost(3, self.seller)
        self._start()
        self._refresh()
        first = self.warning._find_candidates()[:1]
        self.warning._open_alerts(first)
        self._watch()
        alerts = self.alert.search([("warning_id", "=", self.warning.id)])
        self.assertEqual(alerts.partner_id, partners)
        self.assertEqual(len(alerts), 3)

    def test_products_without_cost_count_with_the_assumed_margin(self):
        self.product.standard_price = 0
        self._lose()
        self._start(assumed_margin=25)
        alert = self._watch()
        self.assertEqual(alert.margin_at_stake, 100)
        self.assertEqual(
            alert.stake_note,
            "Margin of the last 12 months, products without a cost at 25 % of "
            "their price",
        )

    def test_the_forecast_counts_where_it_is_filled(self):
        columns = dict(self.warning._get_stake_columns())
        if "clv" not in columns:
            self.skipTest("crm_analytics is not installed")
        self._lose()
        other = self._create_lost(1, self.seller)
        self._start(stake_by="clv")
        self._refresh()
        profile = self.env["crm.customer.profile"].search(
            [("partner_id", "=", self.customer.id)]
        )
        profile.sudo().clv = 777
        alerts = self._watch()
        forecast = alerts.filtered(lambda alert: alert.partner_id == self.customer)
        self.assertEqual(forecast.margin_at_stake, 777)
        self.assertEqual(forecast.stake_note, columns["clv"])
        rest = alerts - forecast
        self.assertEqual(rest.partner_id, other)
        self.assertEqual((rest.margin_at_stake, rest.stake_source), (160, "margin"))

    def test_owners_by_salesperson_team_leader_fallback(self):
        leader = new_test_user(
            self.env, "churn_leader", groups="sales_team.group_sale_salesman"
        )
        fallback = new_test_user(
            self.env, "churn_fallback", groups="crm_loyalty.crm_loyalty_group_user"
        )
        stranger = new_test_user(self.env, "churn_stranger", groups="base.group_user")
        gone = new_test_user(
            self.env, "churn_gone", groups="sales_team.group_sale_salesman"
        )
        team = self.env["crm.team"].create({"name": "Keepers", "user_id": leader.id})
        of_seller, of_team, of_nobody, of_gone = self._create_lost(4)
        of_seller.user_id = self.seller
        self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": of_team.id, "team_id": team.id}
        )
        of_nobody.user_id = stranger
        of_gone.user_id = gone
        gone.active = False
        self._start(user_id=fallback.id)
        owners = {alert.partner_id: alert.user_id for alert in self._watch()}
        self.assertEqual(owners[of_seller], self.seller)
        self.assertEqual(owners[of_team], leader)
        self.assertEqual(owners[of_nobody], fallback, "a stranger can't see alerts")
        self.assertIn(owners[of_gone], fallback | leader)

    def test_an_owner_gets_so_many_a_week_with_most_at_stake_first(self):
        partners = self._create_lost(4, self.seller)
        self._start(owner_limit=2)
        alerts = self._watch()
        self.assertEqual(alerts.partner_id, partners[2:], "the largest ones")
        self.assertFalse(self._watch(), "nothing more in the same week")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_churn_alert SET date_opened = date_opened - interval '7 days'"
        )
        self.alert.invalidate_model()
        self.assertEqual(self._watch().partner_id, partners[:2])

    def test_each_owner_gets_one_message(self):
        self._create_lost(3, self.seller)
        self._start()
        self._watch()
        messages = self.env["mail.message"].search(
            [("partner_ids", "in", self.seller.partner_id.ids)]
        )
        lists = messages.filtered(lambda message: "to keep" in (message.subject or ""))
        self.assertEqual(len(lists), 1)
        self.assertIn("3 customers to keep", lists.subject)
        self.assertEqual(lists.body.count("nothing for 60 days"), 3)

    def test_the_preview_opens_nothing(self):
        self._create_lost(3, self.seller)
        self._refresh()
        action = self.warning.action_preview()
        preview = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((preview.customer_count, preview.listed_count), (3, 3))
        self.assertEqual(preview.line_ids.mapped("margin_at_stake"), [480, 320, 160])
        self.assertEqual(preview.stake, 960)
        self.assertIn("nothing for 60 days", preview.line_ids[0].reasons)
        self.assertFalse(self.alert.search([("warning_id", "=", self.warning.id)]))

    def test_the_job_makes_lists_that_are_due(self):
        self._lose()
        self._start()
        self._refresh()
        self.assertEqual(self.warning.date_next.weekday(), 0)
        today = fields.Date.context_today(self.warning)
        self.warning.date_next = today + timedelta(days=1)
        self.warning._cron_watch()
        self.assertFalse(self.warning.alert_ids)
        self.warning.date_next = today
        self.warning._cron_watch()
        self.assertEqual(len(self.warning.alert_ids), 1)
        self.assertGreater(self.warning.date_next, today)

    def test_a_warning_that_is_off_makes_no_list(self):
        with self.assertRaises(UserError):
            self.warning.action_watch_now()
        self.warning.signal_ids.is_on = False
        with self.assertRaises(UserError):
            self.warning.action_start()

    # ------------------------------------------------------------
    # Hold-out
    # ------------------------------------------------------------

    def test_nothing_is_done_for_the_holdout(self):
        partners = self._create_lost(8, self.seller)
        self._start(holdout_share=50)
        alerts = self._watch()
        drawn = partners.filtered(
            lambda partner: draw(partner.id, f"churn_warning:{self.warning.id}") < 0.5
        )
        held = alerts.filtered("is_holdout")
        self.assertEqual(held.partner_id, drawn, "the draw can be repeated")
        for alert in alerts:
            self.assertEqual(len(self._activities(alert)), int(not alert.is_holdout))
            self.assertEqual(alert.state, "watched" if alert.is_holdout else "open")
        events = self.env["crm.customer.event"].search(
            [("type_id.code", "=", "churn_alert_opened")]
        )
        self.assertFalse(events.partner_id & drawn)
        self.assertFalse(
            self.alert.with_user(self.seller).browse(held.ids).has_access("read")
            and held
        )
        if held:
            with self.assertRaises(UserError):
                held[0].action_call()

    def test_the_share_of_the_holdout_is_what_was_set(self):
        self.warning.holdout_share = 10
        held = sum(self.warning._is_held_out(number) for number in range(10_000))
        self.assertTrue(900 < held < 1100, held)

    # ------------------------------------------------------------
    # Acting
    # ------------------------------------------------------------

    def test_one_click_plans_the_call_once(self):
        alert = self._create_alert()
        as_seller = alert.with_user(self.seller)
        as_seller.action_call()
        as_seller.action_call()
        self.assertEqual(alert.state, "acted_on")
        activity = self._activities(alert)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.date_deadline, fields.Date.context_today(alert))

    def test_the_call_that_is_planned_is_brought_forward(self):
        self._lose()
        self._start()
        alert = self._watch()
        alert.with_user(self.seller).action_call()
        activity = self._activities(alert)
        self.assertEqual(activity.date_deadline, fields.Date.context_today(alert))

    def test_not_at_risk_closes_with_the_reason(self):
        self._lose()
        self._start()
        alert = self._watch()
        wizard = (
            self.env["crm.churn.alert.dismiss"]
            .with_user(self.seller)
            .create(
                {"alert_ids": alert.ids, "reason": "season", "note": "Buys in spring"}
            )
        )
        wizard.action_dismiss()
        self.assertEqual(alert.state, "dismissed")
        self.assertEqual(alert.dismiss_reason, "Orders by season: Buys in spring")
        self.assertFalse(self._activities(alert))
        self.assertEqual(
            self._get_codes(), ["churn_alert_opened", "churn_alert_closed"]
        )

    def test_a_colleague_does_not_act_for_the_owner(self):
        colleague = new_test_user(
            self.env, "churn_all", groups="sales_team.group_sale_salesman_all_leads"
        )
        alert = self._create_alert()
        with self.assertRaises(AccessError):
            alert.with_user(colleague).action_call()

    # ------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------

    def test_an_order_within_the_horizon_wins_back(self):
        self._lose()
        self._start()
        alert = self._watch()
        order = self._order(0)
        self.warning._cron_watch()
        self.assertEqual((alert.state, alert.order_id), ("won", order))
        self.assertFalse(self._activities(alert), "there is nothing left to do")
        self.assertEqual(
            self._get_codes(), ["churn_alert_opened", "churn_alert_closed"]
        )

    def test_a_quotation_wins_nobody_back(self):
        alert = self._create_alert()
        self.env["sale.order"].create({"partner_id": alert.partner_id.id})
        self.warning._close_alerts()
        self.assertEqual(alert.state, "open")

    def test_without_an_order_the_customer_is_lost(self):
        alert = self._create_alert()
        today = fields.Date.context_today(alert)
        alert.date_due = today
        self.warning._close_alerts()
        self.assertEqual(alert.state, "open", "the last day counts")
        alert.date_due = today - timedelta(days=1)
        self.warning._close_alerts()
        self.assertEqual((alert.state, alert.date_closed), ("lost", alert.date_due))
        self.assertTrue(alert.is_measured)
        self.assertEqual(alert.margin_after, 0)

    def test_the_margin_of_the_horizon_is_measured(self):
        alert = self._create_alert(
            date_opened=self.env.cr.now() - timedelta(days=50),
            date_due=fields.Date.context_today(self.alert) - timedelta(days=10),
        )
        for days_ago in (60, 40, 20, 5):
            self._order(days_ago, quantity=3, partner=alert.partner_id)
        self.warning._close_alerts()
        self.assertEqual(alert.state, "won")
        self.assertEqual(alert.margin_after, 240, "two orders of three lamps")

    def test_cool_down(self):
        self._lose()
        self._start(cooldown_days=30)
        alert = self._watch()
        alert._dismiss("Wrong")
        alert.date_closed = fields.Date.context_today(alert) - timedelta(days=29)
        self.assertFalse(self._watch())
        alert.date_closed = fields.Date.context_today(alert) - timedelta(days=30)
        self.assertEqual(self._watch().partner_id, self.customer)

    def test_an_objection_takes_the_customer_off_the_list(self):
        self._lose()
        self._start()
        alert = self._watch()
        self.env["crm.consent"]._record(
            self.customer, "profiling", "use", False, "Letter", "No profiling"
        )
        self.assertFalse(alert.exists())

    def test_merged_customers_have_one_open_alert(self):
        first, second = self._create_alert(), self._create_alert()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((first | second).partner_id.ids, first.partner_id)
        alerts = self.alert.search([("partner_id", "=", first.partner_id.id)])
        self.assertEqual(len(alerts), 1)

    # ------------------------------------------------------------
    # Where it is seen
    # ------------------------------------------------------------

    def test_profile_and_360_view_tell_of_it(self):
        self._lose()
        self._start()
        alert = self._watch()
        self._refresh()
        profile = self.env["crm.customer.profile"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(profile.churn_alert_count, 1)
        view = profile.with_user(self.seller).get_customer_360(profile.id)
        self.assertIn("churn_alert", [tile["key"] for tile in view["tiles"]])
        self.assertIn("churn_alert", [each["key"] for each in view["warnings"]])
        [advice] = [
            each for each in view["next_actions"] if each["key"] == "churn_alert"
        ]
        self.assertEqual(advice["reason"], alert.reasons)

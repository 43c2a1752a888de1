from datetime import timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from psycopg2.errors import SerializationFailure

from odoo import Command, fields
from odoo.tests import tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerProfile(LifecycleCase):
    def test_buying_figures(self):
        for amount, days_ago in ((100, 400), (300, 200), (200, 0)):
            self._create_order(amount=amount, days_ago=days_ago)
        self.profile._refresh()
        self.assertRecordValues(
            self._get_profile(),
            [
                {
                    "order_count": 3,
                    "revenue": 600,
                    "revenue_12m": 500,
                    "average_basket": 200,
                    "event_count": 3,
                }
            ],
        )
        self.assertAlmostEqual(self._get_profile().mean_order_interval, 200, places=2)

    def test_orders_of_contacts_count_for_their_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Ada", "parent_id": self.customer.id}
        )
        self._create_order(contact, amount=40)
        self.profile._refresh()
        self.assertEqual(self._get_profile().revenue, 40)
        self.assertEqual(contact.crm_profile_id, self._get_profile())

    def test_paying_figures(self):
        self._invoice(self._create_order(amount=100), paid=True)
        late = self._invoice(self._create_order(amount=70))
        late.line_ids.filtered("date_maturity").date_maturity = (
            fields.Date.today() - timedelta(days=5)
        )
        late.invoice_date_due = fields.Date.today() - timedelta(days=5)
        refund = self._invoice(self._create_order(amount=30))._reverse_moves(
            [{"invoice_date": fields.Date.today()}]
        )
        refund.action_post()
        self.profile._refresh()
        profile = self._get_profile()
        self.assertRecordValues(
            profile,
            [
                {
                    "invoiced_amount": 170,
                    "open_amount": 70,
                    "overdue_amount": 70,
                    "credit_note_count": 1,
                    "credit_note_amount": 30,
                }
            ],
        )

    def test_refresh_takes_the_stale_customers_only(self):
        other = self._create_customer("Bob Ltd")
        self._create_order()
        self.assertEqual(self.profile._refresh(), 1)
        self.assertFalse(self._get_profile(other))
        self.assertEqual(self.profile._refresh(), 0, "the queue is empty")

    def test_refreshing_twice_changes_nothing(self):
        self._create_order()
        self.profile._refresh()
        before = self._get_profile().read()
        self.profile._refresh(self.customer)
        self.assertEqual(self._get_profile().read(), before)

    def test_profile_is_per_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._create_order(amount=10)
        order = self._create_order(amount=5, confirm=False)
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s, state = 'sale' WHERE id = %s",
            [other.id, order.id],
        )
        order.invalidate_recordset()
        self.event_type._capture("order_confirmed", order)
        self.profile._refresh()
        revenue = {
            profile.company_id: profile.revenue for profile in self._get_profile()
        }
        self.assertEqual(revenue, {self.env.company: 10, other: 5})

    def test_lifecycle_stage_goes_forward_and_back(self):
        def stage():
            self.profile._refresh(self.customer)
            return self._get_profile().lifecycle_stage

        self.assertEqual(stage(), "prospect")
        lead = self.env["crm.lead"].create(
            {"name": "Wants", "type": "lead", "partner_id": self.customer.id}
        )
        self.assertEqual(stage(), "lead")
        lead.type = "opportunity"
        self.assertEqual(stage(), "opportunity")
        first = self._create_order()
        self.assertEqual(stage(), "new")
        self._create_order()
        self.assertEqual(stage(), "repeat")
        for _number in range(3):
            self._create_order()
        self.assertEqual(stage(), "loyal")
        orders = self.env["sale.order"].search([("partner_id", "=", self.customer.id)])
        orders.date_order = fields.Datetime.now() - timedelta(days=200)
        self.assertEqual(stage(), "at_risk")
        orders.date_order = fields.Datetime.now() - timedelta(days=400)
        self.assertEqual(stage(), "lapsed")
        self.env.company.crm_lapsed_days = 500
        self.assertEqual(stage(), "at_risk", "the limits are the company's")
        (orders - first)._action_cancel()
        first.date_order = fields.Datetime.now()
        self.assertEqual(stage(), "new")

    def test_stays_in_stages_are_kept(self):
        order = self._create_order()
        self.profile._refresh()
        self._create_order()
        self.profile._refresh()
        order.date_order = fields.Datetime.now() - timedelta(days=10)
        stays = self._get_profile().stage_ids.sorted("id")
        self.assertEqual(stays.mapped("stage"), ["new", "repeat"])
        self.assertEqual(stays.mapped("previous_stage"), [False, "new"])
        self.assertEqual(stays[0].date_left, stays[1].date_entered)
        self.assertFalse(stays[1].date_left)
        moved = self.event.search(
            [
                ("partner_id", "=", self.customer.id),
                ("type_id.code", "=", "stage_changed"),
            ]
        )
        self.assertEqual(len(moved), 1, "to become known is no change of stage")

    def test_age_band(self):
        today = fields.Date.today()
        person = self.env["res.partner"].create({"name": "Ada"})
        for years, band in ((17, "0"), (18, "1"), (44, "3"), (90, "6")):
            person.crm_birthday = today - relativedelta(years=years)
            self.profile._refresh(person)
            self.assertEqual(self._get_profile(person).age_band, band)
        person.crm_birthday = False
        self.profile._refresh(person)
        self.assertFalse(self._get_profile(person).age_band)

    def test_each_figure_says_where_it_comes_from(self):
        self._create_order()
        self.profile._refresh()
        about = self._get_profile().with_user(self.manager).about_figures
        for words in ("Average Basket", "Confirmed sales orders", "CRM Lifecycle"):
            self.assertIn(words, about)
        self.assertNotIn("Overdue", about, "a figure that this user may not see")
        self.assertIn("Overdue", self._get_profile().about_figures)
        few = self._get_profile().with_user(self.user).about_figures
        self.assertNotIn("Average Basket", few, "only who may see all orders")

    def test_basket_by_category(self):
        chairs, tables = self.env["product.category"].create(
            [{"name": "Chairs"}, {"name": "Tables"}]
        )
        chair, table = self.env["product.product"].create(
            [
                {"name": "Chair", "categ_id": chairs.id, "standard_price": 10},
                {"name": "Table", "categ_id": tables.id, "standard_price": 50},
            ]
        )
        self._create_order(
            order_line=[
                Command.create(
                    {"product_id": product.id, "price_unit": price, "discount": off}
                )
                for product, price, off in ((chair, 25, 0), (table, 150, 50))
            ]
        )
        self.profile._refresh()
        profile = self._get_profile()
        self.assertRecordValues(
            profile,
            [
                {
                    "favourite_category_id": tables.id,
                    "favourite_product_id": table.id,
                    "margin": 40,
                    "discounted_share": 0.75,
                    "category_count": 2,
                }
            ],
        )
        self.assertAlmostEqual(profile.mean_discount, 75 / 175)
        self.assertEqual(profile.category_shares, "Tables: 75%\nChairs: 25%")

    def _refresh_all(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "crm_lifecycle.ir_cron_refresh_all_profiles"
            ).method_direct_trigger()

    def _ask_for_all(self):
        self.profile._make_all_stale()
        self._refresh_all()

    def test_refresh_of_all_finds_what_the_refresh_of_one_finds(self):
        for amount, days_ago in ((100, 400), (300, 200), (200, 0)):
            self._create_order(amount=amount, days_ago=days_ago)
        self.profile._refresh()
        profile = self._get_profile()
        before = profile.read()
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET order_count = 0, revenue = NULL, "
            "lifecycle_stage = NULL, favourite_product_id = NULL WHERE id = %s",
            [profile.id],
        )
        profile.invalidate_recordset()
        self._ask_for_all()
        after = profile.read()
        for values in (*before, *after):
            for name in ("refresh_date", "checked_date", "stage_ids"):
                values.pop(name)
        self.assertEqual(after, before)

    def test_refresh_of_all_writes_only_what_changed(self):
        other = self._create_customer("Bob Ltd")
        self._create_order()
        self._create_order(other)
        self.profile._refresh()
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET refresh_date = '2020-01-01'"
        )
        order = self._create_order(other, confirm=False)
        self.env.cr.execute(
            "UPDATE sale_order SET state = 'sale' WHERE id = %s", [order.id]
        )
        self.env.invalidate_all()
        self._ask_for_all()
        self.assertEqual(self._get_profile().refresh_date.year, 2020)
        self.assertEqual(self._get_profile(other).order_count, 2)
        self.assertGreater(self._get_profile(other).refresh_date.year, 2020)
        self.assertGreater(
            self._get_profile().checked_date.year, 2020, "but all were checked"
        )

    def test_refresh_of_all_leaves_newer_figures_alone(self):
        self._create_order()
        self.profile._refresh()
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET refresh_date = %s, order_count = 7",
            [fields.Datetime.now() + timedelta(hours=1)],
        )
        self.env.invalidate_all()
        self._ask_for_all()
        self.assertEqual(self._get_profile().order_count, 7)

    def test_refresh_of_all_makes_missing_profiles_and_empties_the_queue(self):
        self._create_order()
        self._ask_for_all()
        self.assertEqual(self._get_profile().order_count, 1)
        queue = self.env["crm.customer.profile.refresh"]
        self.assertFalse(queue.search_count([("partner_id", "=", self.customer.id)]))

    def test_all_are_refreshed_once_a_day(self):
        run = self.env["crm.customer.profile.run"]
        self._ask_for_all()
        done = run.search_count([])
        self._refresh_all()
        self.assertEqual(run.search_count([]), done, "it was done today")
        run.search([]).date_start = fields.Datetime.now() - timedelta(days=2)
        self._refresh_all()
        self.assertEqual(run.search_count([]), done + 1)

    def test_refresh_of_all_tries_a_batch_again_that_collided(self):
        self._create_order()
        profiles = type(self.profile)
        write, failures = profiles._write_changed_figures, [SerializationFailure]

        def collide(profile, *args):
            if failures:
                raise failures.pop()
            return write(profile, *args)

        with (
            patch.object(profiles, "_write_changed_figures", collide),
            patch.object(profiles, "_roll_back", lambda _self: None),
        ):
            self._ask_for_all()
        self.assertFalse(failures)
        self.assertEqual(self._get_profile().order_count, 1)

    def test_a_killed_refresh_begins_again(self):
        run = self.env["crm.customer.profile.run"]
        self._ask_for_all()
        killed = run.create({"date_start": fields.Datetime.now()})
        self._refresh_all()
        self.assertTrue(killed.date_end)

    def test_a_long_queue_is_done_by_one_pass_over_all(self):
        self._create_order()
        module = "odoo.addons.crm_lifecycle.models.crm_customer_profile_figures"
        trigger = self.env["ir.cron.trigger"]
        job = self.env.ref("crm_lifecycle.ir_cron_refresh_all_profiles")
        self._ask_for_all()
        self._create_order()
        with patch(f"{module}.LONG_QUEUE", 0), self.enter_registry_test_mode():
            self.env.ref(
                "crm_lifecycle.ir_cron_refresh_profiles"
            ).method_direct_trigger()
            self.assertEqual(self._get_profile().order_count, 1)
            self.assertTrue(trigger.search_count([("cron_id", "=", job.id)]))
            job.method_direct_trigger()
        self.assertEqual(self._get_profile().order_count, 2)

    def test_scheduled_action_moves_customers_between_segments(self):
        segment = self.env.ref("crm_lifecycle.crm_segment_new")
        self._create_order()
        with self.enter_registry_test_mode():
            self.env.ref(
                "crm_lifecycle.ir_cron_refresh_profiles"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._get_profile().order_count, 1)
        self.assertIn(self.customer, segment.member_ids.partner_id)

    def test_number_of_queries_does_not_grow_with_the_customers(self):
        for number in range(10):
            self._create_order(self._create_customer(f"C{number} Ltd"))
        self._create_order()
        self.profile._refresh(self.customer)
        self.env.flush_all()
        # Two of them look up the consent that figures of the website ask for.
        with self.assertQueryCount(6):
            self.profile._refresh()

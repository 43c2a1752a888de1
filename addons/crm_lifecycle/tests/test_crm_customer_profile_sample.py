import itertools
import random
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .lifecycle_case import LifecycleCase

SAMPLE = 20
# The orders, lines, invoices of a customer: of all its contacts, in one company.
PEOPLE = "(SELECT id FROM res_partner WHERE commercial_partner_id = %(partner)s)"
ORDERS = f"""
    FROM sale_order o WHERE o.partner_id IN {PEOPLE} AND o.company_id = %(company)s
     AND o.state = 'sale'"""
LINES = f"""
    FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id
    JOIN product_product p ON p.id = l.product_id
    JOIN product_template t ON t.id = p.product_tmpl_id
   WHERE o.partner_id IN {PEOPLE} AND o.company_id = %(company)s
     AND o.state = 'sale' AND l.display_type IS NULL"""
QUOTATIONS = f"""
    FROM sale_order o WHERE o.partner_id IN {PEOPLE} AND o.company_id = %(company)s
     AND o.state IN ('draft', 'sent')"""
INVOICES = f"""
    FROM account_move m WHERE m.partner_id IN {PEOPLE} AND m.company_id = %(company)s
     AND m.state = 'posted'"""
PAID = f"""
    FROM (SELECT m.id, m.invoice_date, m.invoice_date_due AS due,
                 (SELECT max(r.max_date) FROM account_partial_reconcile r
                    JOIN account_move_line l ON l.id = r.debit_move_id
                   WHERE l.move_id = m.id) AS paid
            {INVOICES} AND m.move_type = 'out_invoice'
             AND m.payment_state IN ('paid', 'in_payment')) i"""
EVENTS = """
    FROM crm_customer_event e JOIN crm_customer_event_type t ON t.id = e.type_id
   WHERE e.partner_id = %(partner)s AND e.company_id = %(company)s"""
LEADS = f"""
    FROM crm_lead x WHERE x.partner_id IN {PEOPLE}
     AND COALESCE(x.company_id, %(company)s) = %(company)s"""
GAPS = f"""
    FROM (SELECT extract(epoch FROM o.date_order - (
                    SELECT max(b.date_order) FROM sale_order b
                     WHERE b.partner_id IN {PEOPLE} AND b.company_id = %(company)s
                       AND b.state = 'sale' AND b.date_order < o.date_order)) / 86400
                    AS gap,
                 (SELECT count(*) FROM sale_order b
                   WHERE b.partner_id IN {PEOPLE} AND b.company_id = %(company)s
                     AND b.state = 'sale' AND b.date_order <= o.date_order) AS number
            {ORDERS}) g WHERE gap IS NOT NULL"""
AMOUNT = "o.amount_untaxed / o.currency_rate"
SOLD = "l.price_subtotal / o.currency_rate"
COST = "COALESCE((p.standard_price ->> '%(company)s')::numeric, 0) * l.product_uom_qty"
YEAR = "o.date_order > now() at time zone 'UTC' - interval '12 months'"
# Each figure by a statement of its own, written by hand.
BY_HAND = {
    "first_order_date": f"SELECT min(o.date_order) {ORDERS}",
    "last_order_date": f"SELECT max(o.date_order) {ORDERS}",
    "order_count": f"SELECT count(*) {ORDERS}",
    "revenue": f"SELECT sum({AMOUNT}) {ORDERS}",
    "revenue_12m": f"SELECT sum({AMOUNT}) {ORDERS} AND {YEAR}",
    "revenue_previous_12m": f"SELECT sum({AMOUNT}) {ORDERS} AND NOT {YEAR} "
    "AND o.date_order > now() at time zone 'UTC' - interval '24 months'",
    "average_basket": f"SELECT sum({AMOUNT}) / NULLIF(count(*), 0) {ORDERS}",
    "largest_order": f"SELECT max({AMOUNT}) {ORDERS}",
    "mean_order_interval": "SELECT extract(epoch FROM max(o.date_order) - "
    f"min(o.date_order)) / 86400 / NULLIF(count(*) - 1, 0) {ORDERS}",
    "expected_order_date": "SELECT (max(o.date_order) + (max(o.date_order) - "
    f"min(o.date_order)) / NULLIF(count(*) - 1, 0))::date {ORDERS}",
    "order_interval_trend": f"SELECT regr_slope(gap, number) {GAPS}",
    "margin": f"SELECT sum({SOLD} - {COST}) {LINES} AND {COST} > 0",
    "margin_rate": f"SELECT sum({SOLD} - {COST}) / NULLIF(sum({SOLD}), 0) {LINES} "
    f"AND {COST} > 0",
    "favourite_category_id": f"SELECT t.categ_id {LINES} GROUP BY 1 "
    f"ORDER BY sum({SOLD}) DESC, 1 LIMIT 1",
    "favourite_category_share": f"SELECT sum({SOLD}) / (SELECT sum({SOLD}) {LINES}) "
    f"{LINES} GROUP BY t.categ_id ORDER BY 1 DESC LIMIT 1",
    "favourite_product_id": f"SELECT l.product_id {LINES} GROUP BY 1 "
    f"ORDER BY sum({SOLD}) DESC, 1 LIMIT 1",
    "category_count": f"SELECT count(DISTINCT COALESCE(t.categ_id, 0)) {LINES}",
    "product_count": f"SELECT count(DISTINCT l.product_id) {LINES}",
    "discounted_share": f"SELECT sum(CASE WHEN l.discount > 0 THEN {SOLD} END) / "
    f"NULLIF(sum({SOLD}), 0) {LINES}",
    "mean_discount": "SELECT 1 - sum(l.price_unit * l.product_uom_qty * "
    "(1 - l.discount / 100) / o.currency_rate) / NULLIF(sum(l.price_unit * "
    f"l.product_uom_qty / o.currency_rate), 0) {LINES}",
    "open_quotation_count": f"SELECT count(*) {QUOTATIONS}",
    "open_quotation_amount": f"SELECT sum({AMOUNT}) {QUOTATIONS}",
    "cancelled_order_count": "SELECT count(*) FROM sale_order o WHERE o.partner_id IN "
    f"{PEOPLE} AND o.company_id = %(company)s AND o.state = 'cancel'",
    "invoice_count": f"SELECT count(*) {INVOICES} AND m.move_type = 'out_invoice'",
    "invoiced_amount": f"SELECT sum(m.amount_untaxed_signed) {INVOICES} "
    "AND m.move_type IN ('out_invoice', 'out_refund')",
    "open_amount": "SELECT sum(l.amount_residual) FROM account_move_line l "
    "JOIN account_account a ON a.id = l.account_id "
    "JOIN account_move m ON m.id = l.move_id "
    "WHERE a.account_type = 'asset_receivable' AND m.move_type IN "
    f"('out_invoice', 'out_refund') AND m.partner_id IN {PEOPLE} "
    "AND m.company_id = %(company)s AND m.state = 'posted'",
    "overdue_amount": f"SELECT sum(m.amount_residual_signed) {INVOICES} AND "
    "m.move_type IN ('out_invoice', 'out_refund') AND m.invoice_date_due < %(today)s",
    "overdue_days": f"SELECT max(%(today)s::date - m.invoice_date_due) {INVOICES} AND "
    "m.move_type = 'out_invoice' AND m.amount_residual > 0 "
    "AND m.invoice_date_due < %(today)s",
    "mean_days_late": f"SELECT avg(paid - due) {PAID}",
    "paid_late_share": f"SELECT avg(CASE WHEN paid > due THEN 1 ELSE 0 END) {PAID}",
    "mean_days_to_pay": f"SELECT avg(paid - invoice_date) {PAID}",
    "last_payment_date": f"SELECT max(paid) {PAID}",
    "days_sales_outstanding": "SELECT sum(m.amount_residual_signed) / "
    "NULLIF(sum(m.amount_total_signed), 0) * max(%(today)s::date - m.invoice_date) "
    f"{INVOICES} AND m.move_type IN ('out_invoice', 'out_refund')",
    "credit_note_count": f"SELECT count(*) {INVOICES} AND m.move_type = 'out_refund'",
    "credit_note_amount": f"SELECT -sum(m.amount_untaxed_signed) {INVOICES} "
    "AND m.move_type = 'out_refund'",
    "return_rate": f"SELECT -(SELECT sum(m.amount_untaxed_signed) {INVOICES} "
    "AND m.move_type = 'out_refund') / "
    f"NULLIF((SELECT sum(m.amount_untaxed_signed) {INVOICES} "
    "AND m.move_type = 'out_invoice'), 0)",
    "event_count": f"SELECT (SELECT count(*) {EVENTS}) + COALESCE((SELECT "
    "sum(event_count) FROM crm_customer_event_total WHERE partner_id = %(partner)s "
    "AND company_id = %(company)s), 0)",
    "last_event_date": f"SELECT max(e.date) {EVENTS}",
    "mailing_count": f"SELECT count(*) {EVENTS} AND t.code = 'mailing_sent'",
    "open_count": f"SELECT count(*) {EVENTS} AND t.code = 'mailing_opened'",
    "click_count": f"SELECT count(*) {EVENTS} AND t.code = 'mailing_clicked'",
    "open_rate": f"SELECT (SELECT count(*)::float {EVENTS} "
    f"AND t.code = 'mailing_opened') / NULLIF((SELECT count(*) {EVENTS} "
    "AND t.code = 'mailing_sent'), 0)",
    "preferred_weekday": "SELECT extract(isodow FROM e.date)::text "
    f"{EVENTS} AND t.code IN ('mailing_opened', 'mailing_clicked') "
    "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
    "preferred_hour": "SELECT extract(hour FROM e.date)::int "
    f"{EVENTS} AND t.code IN ('mailing_opened', 'mailing_clicked') "
    "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
    "last_contact_by_us": f"SELECT max(e.date) {EVENTS} "
    "AND t.code IN ('mailing_sent', 'quotation_sent')",
    "last_contact_by_customer": f"SELECT max(e.date) {EVENTS} "
    "AND t.code IN ('mailing_opened', 'mailing_clicked', 'order_confirmed')",
    "lead_count": f"SELECT count(*) {LEADS} AND x.active AND x.won_status = 'pending'",
    "opportunity_count": f"SELECT count(*) {LEADS} AND x.active "
    "AND x.won_status = 'pending' AND x.type = 'opportunity'",
    "expected_revenue": f"SELECT sum(x.expected_revenue) {LEADS} AND x.active "
    "AND x.won_status = 'pending'",
    "won_count": f"SELECT count(*) {LEADS} AND x.won_status = 'won'",
    "lost_count": f"SELECT count(*) {LEADS} AND x.won_status = 'lost'",
    "contact_count": "SELECT count(*) - 1 FROM res_partner "
    "WHERE commercial_partner_id = %(partner)s AND active",
    "job_position": "SELECT function FROM res_partner WHERE function != '' AND "
    "commercial_partner_id = %(partner)s ORDER BY id != %(partner)s, id LIMIT 1",
    **{
        name: f"SELECT {name} FROM res_partner WHERE id = %(partner)s"
        for name in ("user_id", "country_id", "state_id", "city", "lang", "industry_id")
    },
    "relation_date": "SELECT create_date FROM res_partner WHERE id = %(partner)s",
}


@tagged("post_install", "-at_install")
class TestCrmCustomerProfileSample(LifecycleCase):
    """Random histories of many customers; their profiles agree with SQL by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dice = random.Random(20261123)
        cls.fates = itertools.cycle(("paid", "credited", "open", "paid"))
        cls.foreign = cls._create_currency()
        cls.other_company = cls.env["res.company"].create({"name": "Second"})
        cls.products = cls.env["product.product"].create(
            [
                {
                    "name": f"P{number}",
                    "categ_id": category.id,
                    "standard_price": 7 * number,
                    "taxes_id": False,
                }
                for number in range(4)
                for category in cls.env["product.category"].create(
                    [{"name": f"C{number % 2}"}]
                )
            ]
        )
        cls.customers = cls.env["res.partner"]
        for number in range(SAMPLE):
            cls.customers |= cls._create_history(number)

    @classmethod
    def _create_currency(cls):
        currency = cls.env["res.currency"].create({"name": "XTA", "symbol": "x"})
        today = fields.Date.today()
        cls.env["res.currency.rate"].create(
            [
                {
                    "currency_id": currency.id,
                    "name": today - timedelta(days=days),
                    "rate": rate,
                    "company_id": cls.env.company.id,
                }
                for days, rate in ((2000, 2), (200, 4))
            ]
        )
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": currency.id}
        )
        return currency

    @classmethod
    def _create_history(cls, number):
        """Make a customer with a contact, orders, invoices, leads and answers."""
        belgium = cls.env.ref("base.be")
        customer = cls._create_customer(
            f"Sample{number}",
            city="Ghent" if number % 2 else False,
            country_id=belgium.id,
            lang="en_US",
            user_id=cls.salesman.id,
            industry_id=cls.env["res.partner.industry"].search([], limit=1).id,
        )
        contact = cls.env["res.partner"].create(
            {"name": "Buyer", "parent_id": customer.id, "function": f"Buyer {number}"}
        )
        for _order in range(cls.dice.randrange(5)):
            cls._create_random_order(cls.dice.choice([customer, contact]))
        cls._create_leads(contact)
        cls._create_answers(customer)
        return customer

    @classmethod
    def _create_random_order(cls, partner):
        dice = cls.dice
        lines = [
            Command.create(
                {
                    "product_id": dice.choice(cls.products).id,
                    "product_uom_qty": dice.randint(1, 5),
                    "price_unit": dice.randint(10, 400),
                    "discount": dice.choice([0, 0, 10, 25]),
                }
            )
            for _line in range(dice.randint(1, 3))
        ]
        foreign = {"pricelist_id": cls.pricelist.id} if dice.random() < 0.4 else {}
        state = dice.choice(["sale", "sale", "sale", "quotation", "cancel", "other"])
        order = cls._create_order(
            partner,
            days_ago=dice.randint(1, 900),
            confirm=state in ("sale", "other"),
            order_line=lines,
            **foreign,
        )
        if state == "cancel":
            order._action_cancel()
        elif state == "other":
            cls.env.flush_all()
            cls.env.cr.execute(
                "UPDATE sale_order SET company_id = %s WHERE id = %s",
                [cls.other_company.id, order.id],
            )
            order.invalidate_recordset()
            cls.env.cr.execute(
                "UPDATE crm_customer_event SET company_id = %s WHERE res_id = %s "
                "AND res_model = 'sale.order'",
                [cls.other_company.id, order.id],
            )
            cls.env["crm.customer.profile.refresh"].create(
                {
                    "partner_id": partner.commercial_partner_id.id,
                    "company_id": cls.other_company.id,
                }
            )
        elif state == "sale" and dice.random() < 0.7:
            cls._create_invoice(order)

    @classmethod
    def _create_invoice(cls, order):
        invoice = order._create_invoices()
        day = fields.Date.today() - timedelta(days=cls.dice.randint(0, 200))
        invoice.invoice_date = day
        invoice.invoice_date_due = day + timedelta(days=cls.dice.choice([0, 30]))
        invoice.action_post()
        fate = next(cls.fates)
        if fate == "paid":
            cls.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create(
                {"payment_date": day + timedelta(days=cls.dice.randint(0, 60))}
            ).action_create_payments()
        elif fate == "credited":
            invoice._reverse_moves([{"invoice_date": day}]).action_post()

    @classmethod
    def _create_leads(cls, contact):
        lost = cls.env["crm.lead"].create(
            [
                {
                    "name": "Wants",
                    "type": cls.dice.choice(["lead", "opportunity"]),
                    "partner_id": contact.id,
                    "expected_revenue": cls.dice.randint(1, 900),
                    "company_id": cls.dice.choice([False, cls.env.company.id]),
                }
                for _lead in range(cls.dice.randrange(4))
            ]
        )[:1]
        cls.dice.choice([lost.action_set_lost, lost.action_set_won])()

    @classmethod
    def _create_answers(cls, customer):
        mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
            }
        )
        sent = fields.Datetime.now() - timedelta(days=cls.dice.randint(1, 90))
        opened = sent + timedelta(hours=cls.dice.randint(1, 100))
        traces = cls.env["mailing.trace"].create(
            [
                {
                    "model": "res.partner",
                    "res_id": customer.id,
                    "mass_mailing_id": mailing.id,
                    "sent_datetime": sent,
                    "open_datetime": opened if cls.dice.random() < 0.7 else False,
                }
                for _trace in range(2)
            ]
        )
        for code in ("mailing_sent", "mailing_opened"):
            cls.event_type._capture(code, traces)

    def assertSameAsByHand(self, profile):
        values = {
            "partner": profile.partner_id.id,
            "company": profile.company_id.id,
            "today": fields.Date.today(),
        }
        names = list(BY_HAND)
        # The database's own values: the ORM would round amounts.
        self.env.cr.execute(
            f"SELECT {', '.join(names)} FROM crm_customer_profile WHERE id = %s",
            [profile.id],
        )
        stored = dict(zip(names, self.env.cr.fetchone(), strict=True))
        for name, query in BY_HAND.items():
            self.env.cr.execute(query, values)
            row = self.env.cr.fetchone()
            expected = row[0] if row else None
            if self.profile._fields[name].type in ("integer", "float", "monetary"):
                self.assertAlmostEqual(
                    float(stored[name]), float(expected or 0), 6, f"{name} {values}"
                )
            else:
                self.assertEqual(stored[name], expected, f"{name} {values}")

    def test_profiles_equal_hand_written_sql(self):
        self.assertGreaterEqual(len(BY_HAND), 40)
        while self.profile._refresh():
            pass
        profiles = self.profile.search([("partner_id", "in", self.customers.ids)])
        self.assertGreaterEqual(len(profiles), SAMPLE)
        self.assertEqual(len(profiles.company_id), 2)
        self.assertTrue(any(profiles.mapped("credit_note_count")))
        self.assertTrue(any(profiles.mapped("mean_days_late")))
        self.assertTrue(any(profiles.mapped("order_interval_trend")))
        for profile in profiles:
            with self.subTest(profile.partner_id.name):
                self.assertSameAsByHand(profile)

    def test_refresh_of_all_finds_the_same(self):
        while self.profile._refresh():
            pass
        profiles = self.profile.search([("partner_id", "in", self.customers.ids)])
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET revenue = -1, refresh_date = NULL"
        )
        with self.enter_registry_test_mode():
            self.profile._make_all_stale()
            self.env.ref(
                "crm_lifecycle.ir_cron_refresh_all_profiles"
            ).method_direct_trigger()
        for profile in profiles:
            with self.subTest(profile.partner_id.name):
                self.assertSameAsByHand(profile)

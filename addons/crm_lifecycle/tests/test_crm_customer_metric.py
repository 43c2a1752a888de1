from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmCustomerMetric(LifecycleCase):
    def _create_metric(self, **values):
        return self.env["crm.customer.metric"].create(
            {
                "name": "Big orders",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "domain": "[('state', '=', 'sale')]",
                "date_path": "date_order",
                **values,
            }
        )

    def _get_value(self, metric):
        self.profile._refresh(self.customer)
        return self._get_profile()[metric.column]

    def test_a_metric_becomes_a_column_that_segments_use(self):
        metric = self._create_metric(
            domain="[('state', '=', 'sale'), ('amount_untaxed', '>=', 500)]"
        )
        self._create_order(amount=600)
        self._create_order(amount=100)
        self.assertEqual(self._get_value(metric), 1)
        segment = self.env["crm.segment"].create(
            {"name": "Had a big order", "domain": f"[('{metric.column}', '>', 0)]"}
        )
        segment._refresh_members()
        self.assertEqual(segment.member_ids.partner_id, self.customer)

    def test_aggregates(self):
        for amount, days_ago in ((100, 50), (400, 3)):
            self._create_order(amount=amount, days_ago=days_ago)
        for aggregate, expected in (
            ("count", 2),
            ("sum", 500),
            ("avg", 250),
            ("min", 100),
            ("max", 400),
        ):
            with self.subTest(aggregate):
                metric = self._create_metric(
                    name=f"Orders: {aggregate}",
                    aggregate=aggregate,
                    value_path="amount_untaxed",
                )
                self.assertEqual(self._get_value(metric), expected)

    def test_dates(self):
        self._create_order(days_ago=50)
        last = self._create_order(days_ago=3)
        metric = self._create_metric(aggregate="last_date")
        self.assertEqual(self._get_value(metric), last.date_order)

    def test_window(self):
        self._create_order(days_ago=50)
        self._create_order(days_ago=3)
        self.assertEqual(self._get_value(self._create_metric(window_days=30)), 1)

    def test_changing_the_aggregate_changes_the_kind_of_column(self):
        order = self._create_order()
        metric = self._create_metric()
        self.assertEqual(self._get_value(metric), 1)
        metric.aggregate = "last_date"
        self.assertEqual(self._get_value(metric), order.date_order)

    def test_deleting_a_metric_takes_its_column_away(self):
        metric = self._create_metric()
        column = metric.column
        self.assertIn(column, self.profile._fields)
        metric.unlink()
        self.assertNotIn(column, self.env["crm.customer.profile"]._fields)
        self.profile._refresh(self.customer)

    def test_wrong_definition_is_refused_with_the_reason(self):
        for values, words in (
            ({"aggregate": "sum"}, "which value"),
            ({"partner_path": "name"}, "'name'"),
            ({"domain": "[('missing', '=', 1)]"}, "missing"),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words):
                self._create_metric(**values)

    def test_preview_before_saving(self):
        self._create_order(amount=700)
        self._create_order(self._create_customer("Bob Ltd"), amount=30)
        metrics = self.env["crm.customer.metric"]
        with Form(metrics) as form:
            form.name = "Value of orders"
            form.model_id = self.env["ir.model"]._get("sale.order")
            form.domain = "[('state', '=', 'sale'), ('partner_id.name', 'like', 'Ltd')]"
            form.date_path = "date_order"
            form.aggregate = "sum"
            form.value_path = "amount_untaxed"
            for words in ("2 customers", "Ada Ltd", "700", "Bob Ltd"):
                self.assertIn(words, form.preview)
            form.value_path = "missing"
            self.assertIn("missing", form.preview)
            form.value_path = "amount_untaxed"
        manager = metrics.with_user(self.manager)
        secret = manager.new({"name": "x", "model_id": self._invoices.id})
        self.assertNotIn("Ada", str(secret.preview))

    @property
    def _invoices(self):
        self._invoice(self._create_order())
        return self.env["ir.model"]._get("account.move")

    def test_renaming_a_metric_renames_its_column(self):
        metric = self._create_metric()
        metric.name = "Large orders"
        label = self.env["crm.customer.profile"].fields_get([metric.column])
        self.assertEqual(label[metric.column]["string"], "Large orders")

    def test_who_may_not_read_the_documents_defines_nothing_over_them(self):
        for model_name in ("account.move", "ir.config_parameter"):
            values = {
                "name": "Peek",
                "model_id": self.env["ir.model"]._get_id(model_name),
                "partner_path": "create_uid.partner_id",
                "company_path": False,
                "domain": "[]",
            }
            metrics = self.env["crm.customer.metric"].with_user(self.manager)
            with self.subTest(model_name), self.assertRaises(AccessError):
                metrics.create(values)

    def test_two_figures_of_one_name_are_refused(self):
        self._create_metric()
        for name in ("Big orders", "Revenue"):
            with self.assertRaisesRegex(ValidationError, name):
                self._create_metric(name=name)

    def test_a_new_metric_makes_every_profile_stale(self):
        self._create_order()
        self._run_pipeline()
        self._create_metric()
        asked = [("date_end", "=", False)]
        self.assertTrue(self.env["crm.customer.profile.run"].search_count(asked))

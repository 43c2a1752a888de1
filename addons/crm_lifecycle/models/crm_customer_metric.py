import re
from datetime import datetime

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..profile_metrics.metric_source import MetricSource
from ..profile_metrics.wanted_customers import WantedCustomers

AGGREGATES = {
    "count": SQL("count(*)"),
    "sum": SQL("sum(value)"),
    "avg": SQL("avg(value)"),
    "min": SQL("min(value)"),
    "max": SQL("max(value)"),
    "first_date": SQL("min(date)"),
    "last_date": SQL("max(date)"),
}
# Milliseconds that a preview may take.
PREVIEW_TIME = 4000
FIELD_TYPES = {"count": "integer", "first_date": "datetime", "last_date": "datetime"}


class CrmCustomerMetric(models.Model):
    """A figure of the customer profile, defined in the interface.

    It becomes a column of the profile like any other: shown, filtered, grouped, used
    in the rules of segments.
    """

    _name = "crm.customer.metric"
    _inherit = ["crm.customer.fact.mixin"]
    _description = "Customer Metric"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    aggregate = fields.Selection(
        [
            ("count", "Number of documents"),
            ("sum", "Sum"),
            ("avg", "Average"),
            ("min", "Lowest"),
            ("max", "Highest"),
            ("first_date", "First date"),
            ("last_date", "Last date"),
        ],
        required=True,
        default="count",
    )
    value_path = fields.Char(
        "Value",
        help="Path to the number to aggregate; amounts are converted to the company's "
        "currency at the document's date.",
    )
    date_path = fields.Char(
        "Date",
        required=True,
        default="create_date",
        help="Field that dates the document.",
    )
    window_days = fields.Integer(
        "Of the last (days)", help="Zero counts the whole history."
    )
    field_id = fields.Many2one(
        "ir.model.fields", "Column", readonly=True, copy=False, ondelete="set null"
    )
    column = fields.Char(related="field_id.name", string="Column Name")
    preview = fields.Html(
        compute="_compute_preview",
        compute_sudo=False,
        sanitize=False,
        help="What the metric would say today, before it is saved.",
    )

    _window_positive = models.Constraint(
        "CHECK(window_days >= 0)", "The window can't be negative: give days, or zero."
    )

    @api.depends(
        "model_id",
        "domain",
        "partner_path",
        "company_path",
        "value_path",
        "date_path",
        "window_days",
        "aggregate",
    )
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_preview(self):
        for metric in self:
            try:
                with metric.env.cr.savepoint(flush=False):
                    metric.preview = metric._get_preview()
            except psycopg2.errors.QueryCanceled:
                metric.preview = self.env._(
                    "There are too many documents to preview this at once. It can be "
                    "saved nevertheless."
                )
            except (UserError, ValueError, psycopg2.ProgrammingError) as error:
                metric.preview = str(error)

    def _get_preview(self):
        """Return how many customers have a value, and the ten with the highest."""
        if not self.model_id or (self._needs_value() and not self.value_path):
            return False
        self.env[self.sudo().model_name].check_access("read")
        rows = self._select_preview()
        if not rows:
            return self.env._("No customer has such a document.")
        partners = self.env["res.partner"].browse([row[0] for row in rows]).sudo()
        names = {partner.id: partner.display_name for partner in partners}
        return Markup("<p>%s</p><table class='table table-sm w-auto'>%s</table>") % (
            self.env._(
                "%s customers have a value. Those with the highest:", rows[0][2]
            ),
            Markup().join(
                Markup("<tr><td>%s</td><td class='text-end'>%s</td></tr>")
                % (names[partner_id], self._format_value(value))
                for partner_id, value, _count in rows
            ),
        )

    def _select_preview(self):
        everyone = WantedCustomers(
            SQL("SELECT partner_id, company_id FROM crm_customer_profile"),
            everyone=True,
        )
        self.env.cr.execute(SQL("SET LOCAL statement_timeout = %s", PREVIEW_TIME))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, value, count(*) OVER ()
                  FROM (%s) metric (partner_id, company_id, value)
                 WHERE company_id IN %s ORDER BY value DESC NULLS LAST LIMIT 10
                """,
                self._get_query(everyone),
                tuple(self.env.companies.ids),
            )
        )
        self.env.cr.execute("SET LOCAL statement_timeout = DEFAULT")
        return rows

    def _format_value(self, value):
        if isinstance(value, datetime):
            return format_date(self.env, value)
        return f"{value:,.2f}".removesuffix(".00") if value is not None else ""

    @api.constrains(
        "model_id",
        "domain",
        "partner_path",
        "company_path",
        "value_path",
        "date_path",
        "aggregate",
    )
    def _check_definition(self):
        for metric in self:
            if metric._needs_value() and not metric.value_path:
                raise ValidationError(
                    self.env._(
                        "%(name)s: say which value to aggregate, such as amount_total.",
                        name=metric.name,
                    )
                )
            metric._get_query(WantedCustomers(SQL("SELECT NULL::int, NULL::int")))

    @api.constrains("name")
    def _check_name(self):
        for metric in self:
            columns = self.env["ir.model.fields"].sudo()
            same_name = columns.search_count(
                [
                    ("model", "=", "crm.customer.profile"),
                    ("field_description", "=", metric.name),
                    ("id", "!=", metric.field_id.id),
                ],
                limit=1,
            )
            if same_name:
                raise ValidationError(
                    self.env._(
                        "The profile has a figure called %s already: choose another "
                        "name.",
                        metric.name,
                    )
                )

    def _needs_value(self):
        return self.aggregate in ("sum", "avg", "min", "max")

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        metrics = super().create(vals_list)
        for metric in metrics:
            metric._create_column()
        self.env["crm.customer.profile"]._make_all_stale()
        return metrics

    def write(self, vals):
        result = super().write(vals)
        if "aggregate" in vals:
            for metric in self.filtered(lambda metric: not metric._column_fits()):
                metric._replace_column()
        if "name" in vals:
            for metric in self.filtered("field_id"):
                metric.field_id.sudo().field_description = metric.name
        if vals.keys() - {"sequence", "name"}:
            self.env["crm.customer.profile"]._make_all_stale()
        return result

    def unlink(self):
        columns = self.field_id.sudo()
        result = super().unlink()
        columns.unlink()
        return result

    def _column_fits(self):
        return self.field_id.sudo().ttype == FIELD_TYPES.get(self.aggregate, "float")

    def _replace_column(self):
        self.field_id.sudo().unlink()
        self._create_column()

    def _create_column(self):
        """Give the profile a column for this figure."""
        self.ensure_one()
        label = re.sub(r"\W+", "_", self.name.lower(), flags=re.ASCII).strip("_")
        self.field_id = (
            self.env["ir.model.fields"]
            .sudo()
            .create(
                {
                    "model_id": self.env["ir.model"]._get_id("crm.customer.profile"),
                    "name": f"x_metric_{self.id}_{label}"[:60],
                    "field_description": self.name,
                    "ttype": FIELD_TYPES.get(self.aggregate, "float"),
                    "readonly": True,
                    "copied": False,
                }
            )
        )

    # ------------------------------------------------------------
    # Source
    # ------------------------------------------------------------

    def _get_metric_source(self, customers):
        """Return the metric as a source of the profile.

        :param WantedCustomers customers: those to refresh
        :rtype: MetricSource
        """
        return MetricSource(
            f"metric_{self.id}",
            (self.sudo().column,),
            self._get_query(customers),
            self.model_id.name,
            self.env._("A metric defined here: %s", self.name),
        )

    def _get_query(self, customers):
        query, contact, company = self._compile_facts(Domain.TRUE)
        model = self._get_fact_model()
        date = self._resolve(model, query, "date_path", ("date", "datetime")).sql
        value = self._value_to_sql(model, query, "value_path", company, date)
        partner = self._customer_to_sql(query, contact)
        query.add_where(customers.include(partner))
        if self.window_days:
            query.add_where(
                SQL(
                    "%s >= %s::timestamp - make_interval(days => %s)",
                    date,
                    self.env.cr.now(),
                    self.window_days,
                )
            )
        return SQL(
            "SELECT partner_id, company_id, %s FROM (%s) fact "
            "GROUP BY partner_id, company_id",
            AGGREGATES[self.aggregate],
            query.select(
                SQL("%s AS partner_id", partner),
                SQL("%s AS company_id", company),
                SQL("%s AS value", value),
                SQL("%s::timestamp AS date", date),
            ),
        )

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

CHART_MONTHS = 24
ENGAGEMENT_EVENTS = (
    "mailing_opened",
    "mailing_clicked",
    "survey_answered",
    "rating_given",
)


class CrmCustomerProfileChart(models.Model):
    """Revenue and engagement over time, of what the user may read."""

    _inherit = "crm.customer.profile"

    def _get_360_chart(self):
        """Return orders and engagement of each month, oldest first.

        :return: ``months`` (first days), ``labels`` of the months, ``revenue``
            (untaxed, company currency; False if the user may read no orders),
            ``amounts`` (the same, formatted), ``engagement`` (mailings opened and
            clicked, answers) and the ``currency`` symbol
        """
        self.ensure_one()
        end = fields.Date.context_today(self).replace(day=1)
        start = end - relativedelta(months=CHART_MONTHS - 1)
        months = [
            start + relativedelta(months=number) for number in range(CHART_MONTHS)
        ]
        revenue = False
        if self.visible_orders != "none":
            by_month = self._get_revenue_by_month(start)
            revenue = [by_month.get(month, 0.0) for month in months]
        engagement = self._get_engagement_by_month(start)
        return {
            "months": [fields.Date.to_string(month) for month in months],
            "labels": [
                format_date(self.env, month, date_format="MMM y") for month in months
            ],
            "revenue": revenue,
            "amounts": revenue and [self._format_amount(value) for value in revenue],
            "engagement": [engagement.get(month, 0) for month in months],
            "currency": self.currency_id.symbol,
        }

    def _get_revenue_by_month(self, start):
        """Return the revenue of the orders that the user may read, by month.

        From the orders themselves: those cancelled since do not count.
        """
        domain = self._get_confirmed_domain() & Domain("date_order", ">=", start)
        query = self.env["sale.order"]._search(domain)
        if query.is_empty():
            return {}
        month = self._month_to_sql(SQL.identifier(query.table, "date_order"))
        query.groupby = SQL("1")
        amount = self._get_order_amount_sql(query.table)
        rows = self.env.execute_query(query.select(month, SQL("sum(%s)", amount)))
        return {month: float(value or 0) for month, value in rows}

    def _get_engagement_by_month(self, start):
        """Return the number of events of interest, those that expired included."""
        types = self._get_engagement_types()
        if not types:
            return {}
        self.env["crm.customer.event"].flush_model()
        self.env["crm.customer.event.total"].flush_model()
        conditions = {
            name: self._readable_to_sql(name, SQL("crm_customer_event.res_id"))
            for name in types.mapped("model_name")
            if name in self.env
        }
        by_name = types.grouped("model_name")
        readable = SQL(" OR ").join(
            SQL("(type_id IN %s AND %s)", by_name[name]._ids, condition)
            for name, condition in conditions.items()
        )
        # Nobody knows any more what expired events were about: whom a rule limits is
        # not shown their totals.
        uncut_ids = [
            type_id
            for name, condition in conditions.items()
            if condition.code == "TRUE"
            for type_id in by_name[name]._ids
        ]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT month, sum(number)::int FROM (
                    SELECT %(month)s AS month, count(*) AS number
                      FROM crm_customer_event
                     WHERE partner_id = %(partner)s AND company_id = %(company)s
                       AND type_id IN %(types)s AND date >= %(start)s
                       AND (%(readable)s)
                     GROUP BY 1
                    UNION ALL
                    SELECT month, event_count FROM crm_customer_event_total
                     WHERE partner_id = %(partner)s AND company_id = %(company)s
                       AND type_id = ANY(%(uncut)s) AND month >= %(start)s
                ) numbers GROUP BY 1
                """,
                month=self._month_to_sql(SQL("date")),
                partner=self.partner_id.id,
                company=self.company_id.id,
                types=types._ids,
                start=start,
                readable=readable or SQL("FALSE"),
                uncut=uncut_ids,
            )
        )
        return dict(rows)

    @api.model
    def _get_engagement_types(self):
        """Return the types of the events by which a customer shows interest."""
        return self._get_event_types().filtered(
            lambda kind: kind.code in ENGAGEMENT_EVENTS
        )

    @api.model
    def _month_to_sql(self, date):
        """Return the first day of the month of a moment, in the user's time zone."""
        return SQL(
            "date_trunc('month', %s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            date,
            self.env.tz.zone,
        )

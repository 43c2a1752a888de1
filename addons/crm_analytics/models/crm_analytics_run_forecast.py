from datetime import date

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..analysis_results import charts
from ..analysis_results.outcome import Outcome
from ..engine import forecast

SEASONS = {"week": 52, "month": 12}
# Shown before the forecast.
SHOWN = 24


class CrmAnalyticsRun(models.Model):
    """Forecast: orders, revenue or new customers of the weeks or months to come."""

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("forecast", "Forecast of sales")],
        ondelete={"forecast": "cascade"},
    )
    forecast_measure = fields.Selection(
        [
            ("revenue", "Revenue"),
            ("orders", "Orders"),
            ("new_customers", "New customers"),
        ],
        "Forecast of",
        required=True,
        default="revenue",
    )
    forecast_interval = fields.Selection(
        [("week", "Weeks"), ("month", "Months")], required=True, default="month"
    )

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            "forecast.error": self.env._("Mean error"),
            "forecast.naive_error": self.env._("Mean error of the season repeated"),
            "forecast.scaled_error": self.env._("Scaled error (below 1 is good)"),
            "forecast.naive_scaled_error": self.env._(
                "Scaled error of the season repeated"
            ),
            "forecast.coverage": self.env._("Share inside the 80 % interval"),
            "forecast.origins": self.env._("Later days of the past judged from"),
        }

    def _analyse_forecast(self):
        starts, values = self._read_series()
        told = self._forecast_as_far_as_tried(values)
        if not told:
            return Outcome(
                self.env._("none"),
                self.env._(
                    "Too little history to try a forecast: it takes eight months with "
                    "orders, or eight weeks where you choose weeks instead of months."
                ),
                {},
            )
        quality = told.quality._asdict()
        method = quality.pop("method")
        quality.pop("rivals")
        return Outcome(
            self._get_forecast_methods().get(method, method),
            self._sum_up_forecast(told),
            {"forecast": quality},
            [self._get_forecast_chart(starts, values, told)],
        )

    def _forecast_as_far_as_tried(self, values):
        """Return the forecast of the horizon, or of what the history lets be tried."""
        season = SEASONS[self.forecast_interval]
        for steps in range(self._count_steps(), 0, -1):
            try:
                return forecast.forecast(values, steps, season)
            except forecast.SeriesTooShort:
                continue
        return None

    @api.model
    def _get_forecast_methods(self):
        return {
            "season repeated": self.env._("The last season repeated"),
            "mean of four seasons": self.env._("Mean of the last seasons"),
            "smoothing": self.env._("Exponential smoothing"),
            "smoothing, trend": self.env._("Exponential smoothing with trend"),
            "smoothing, season": self.env._("Exponential smoothing with season"),
            "smoothing, trend, season": self.env._(
                "Exponential smoothing with trend and season"
            ),
        }

    def _count_steps(self):
        months = self.horizon_months
        return months if self.forecast_interval == "month" else months * 52 // 12

    def _read_series(self):
        """Return the first day and the value of each complete week or month."""
        interval = self.forecast_interval
        value = {
            "revenue": SQL(
                "sum(so.amount_untaxed / COALESCE(NULLIF(so.currency_rate, 0), 1))"
            ),
            "orders": SQL("count(*)"),
            "new_customers": SQL("count(*) FILTER (WHERE so.place = 1)"),
        }[self.forecast_measure]
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT date_trunc(%(interval)s, so.date_order)::date, %(value)s
                  FROM (SELECT sale_order.*, row_number() OVER (
                            PARTITION BY contact.commercial_partner_id
                            ORDER BY sale_order.date_order, sale_order.id) AS place
                          FROM sale_order
                          JOIN res_partner contact ON contact.id = sale_order.partner_id
                         WHERE sale_order.state = 'sale'
                           AND sale_order.company_id = %(company)s) so
                 WHERE so.date_order < date_trunc(%(interval)s, %(cutoff)s::timestamp)
                   AND so.date_order >= %(begin)s
                 GROUP BY 1 ORDER BY 1
                """,
                interval=interval,
                value=value,
                company=self.company_id.id,
                cutoff=self._get_cutoff(),
                begin=self.date_from or date.min,
            )
        )
        return self._fill_gaps(dict(rows))

    def _fill_gaps(self, by_start):
        """Return all periods between the first and the last one, those without as 0."""
        if not by_start:
            return [], np.empty(0)
        interval = self.forecast_interval
        step = relativedelta(**{f"{interval}s": 1})
        starts = [min(by_start)]
        last = self._get_cutoff().date()
        while starts[-1] + 2 * step <= last + relativedelta(days=1):
            starts.append(starts[-1] + step)
        return starts, np.array([float(by_start.get(start, 0)) for start in starts])

    def _sum_up_forecast(self, told):
        total = told.mean.sum()
        if self.forecast_measure == "revenue":
            total = self.company_id.currency_id.format(total)
        else:
            total = f"{total:,.0f}"
        asked, count = self._count_steps(), told.mean.size
        intervals = dict(
            self._fields["forecast_interval"]._description_selection(self.env)
        )
        interval = intervals[self.forecast_interval].lower()
        text = self.env._(
            "%(total)s expected within %(count)s %(interval)s. Tried from %(origins)s "
            "days of the past, each time by what had done best before, it was off by "
            "%(share)s of the error of repeating the last season; %(coverage)s lay "
            "inside the interval that promises 80 %%.",
            total=total,
            count=count,
            interval=interval,
            share=f"{told.quality.error / (told.quality.naive_error or 1):.0%}",
            coverage=f"{told.quality.coverage:.0%}",
            origins=told.quality.origins,
        )
        if count == asked:
            return text
        note = self.env._(
            "The history is too short to try a forecast of %(asked)s %(interval)s.",
            asked=asked,
            interval=interval,
        )
        return f"{text} {note}"

    def _get_forecast_chart(self, starts, values, told):
        step = relativedelta(**{f"{self.forecast_interval}s": 1})
        ahead = [starts[-1] + step * number for number in range(1, told.mean.size + 1)]
        days = [*starts[-SHOWN:], *ahead]
        past = list(values[-SHOWN:])
        nothing = [None] * (len(past) - 1)
        # The lines begin where the past ends.
        future = [
            [*nothing, past[-1], *part] for part in (told.mean, told.low, told.high)
        ]
        labels = dict(self._fields["forecast_measure"]._description_selection(self.env))
        return charts.line_chart(
            "forecast",
            labels[self.forecast_measure],
            [format_date(self.env, day) for day in days],
            [
                (self.env._("Actual"), [*past, *[None] * told.mean.size], False),
                (self.env._("Forecast"), future[0], True),
                (self.env._("Lowest of four in five"), future[1], True),
                (self.env._("Highest of four in five"), future[2], True),
            ],
        )

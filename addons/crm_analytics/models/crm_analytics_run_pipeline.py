from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..analysis_results import charts
from ..analysis_results.outcome import Outcome
from ..engine import chance, pipeline


class CrmAnalyticsRun(models.Model):
    """Pipeline: what will be won in the days to come, by salesperson."""

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("pipeline", "Forecast of the pipeline")],
        ondelete={"pipeline": "cascade"},
    )
    pipeline_days = fields.Integer("Won Within (days)", required=True, default=30)

    _pipeline_days_in_reach = models.Constraint(
        "CHECK(pipeline_days BETWEEN 7 AND 365)",
        "The pipeline is forecast for 7 to 365 days.",
    )

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            "pipeline.expected": self.env._("Expected to be won"),
            "pipeline.low": self.env._("At least (four of five)"),
            "pipeline.high": self.env._("At most (four of five)"),
            "pipeline.coverage": self.env._(
                "Share of the salespeople's results inside their 80 % interval"
            ),
            "pipeline.coverage_of_total": self.env._(
                "Share of the totals inside their 80 % interval"
            ),
            "pipeline.error": self.env._("Mean error of the total"),
            "pipeline.naive_error": self.env._(
                "Mean error of expecting what was won in the days before"
            ),
            "pipeline.won": self.env._("Won in as many days, on average"),
            "pipeline.forecasts": self.env._("Earlier forecasts judged"),
            "pipeline.win_rate": self.env._("Won, of those closed"),
        }

    def _analyse_pipeline(self):
        names, deals = self._read_deals()
        today = (self._get_cutoff() - _EPOCH).days
        try:
            told = pipeline.forecast(deals, today, self.pipeline_days, len(names))
        except chance.TooLittleHistory:
            return Outcome(
                self.env._("none"),
                self.env._(
                    "Too little history: opportunities with an expected revenue, won "
                    "or lost over some months, are needed. A shorter time may do."
                ),
                {},
            )
        figures = {
            "expected": float(told.mean[-1]),
            "low": float(told.low[-1]),
            "high": float(told.high[-1]),
            **told.quality._asdict(),
        }
        return Outcome(
            self.env._("As earlier opportunities of the same age"),
            self._sum_up_pipeline(figures),
            {"pipeline": figures},
            [self._get_pipeline_chart(names, told)],
        )

    def _read_deals(self):
        """Return the names of the salespeople and the opportunities of the company.

        Amounts as they are now, in the company's currency: of a closed one that with
        which it was closed.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(lead.user_id, 0),
                       lead.create_date::date - DATE '1970-01-01',
                       CASE WHEN lead.won_status IN ('won', 'lost')
                             AND COALESCE(lead.date_closed, lead.write_date)
                                 <= %(cutoff)s
                            THEN COALESCE(lead.date_closed, lead.write_date)::date
                                 - DATE '1970-01-01' ELSE %(open)s END,
                       lead.won_status = 'won'
                           AND COALESCE(lead.date_closed, lead.write_date)
                               <= %(cutoff)s,
                       lead.expected_revenue::float8
                  FROM crm_lead lead
                 WHERE lead.type = 'opportunity' AND lead.expected_revenue > 0
                   AND (lead.company_id = %(company)s OR lead.company_id IS NULL)
                   AND lead.create_date <= %(cutoff)s
                   AND (lead.active OR lead.won_status = 'lost')
                 ORDER BY lead.id
                """,
                cutoff=self._get_cutoff(),
                open=pipeline.OPEN,
                company=self.company_id.id,
            )
        )
        user, opened, closed, won, amount = (
            np.array(column)
            for column in (zip(*rows, strict=True) if rows else [()] * 5)
        )
        user_ids, group = np.unique(user.astype(int), return_inverse=True)
        users = self.env["res.users"].sudo().browse(user_ids.tolist())
        names = [user.name if user.id else self.env._("Nobody") for user in users]
        return names, pipeline.Deals(
            opened.astype(int), closed.astype(int), won.astype(bool),
            amount.astype(float), group,
        )  # fmt: skip

    def _sum_up_pipeline(self, figures):
        money = self.company_id.currency_id.format
        until = fields.Date.to_date(self._get_cutoff())
        return self.env._(
            "%(expected)s expected to be won until %(until)s (%(low)s to %(high)s). "
            "Earlier forecasts were off by %(error)s on average; expecting what was "
            "won in the days before, by %(naive)s. %(coverage)s of the salespeople's "
            "results came inside the interval that promised 80 %%.",
            expected=money(figures["expected"]),
            until=format_date(self.env, until + timedelta(days=self.pipeline_days)),
            low=money(figures["low"]),
            high=money(figures["high"]),
            error=money(figures["error"]),
            naive=money(figures["naive_error"]),
            coverage=f"{figures['coverage']:.0%}",
        )

    def _get_pipeline_chart(self, names, told):
        order = np.argsort(-told.mean[:-1], kind="stable")
        return charts.line_chart(
            "pipeline",
            self.env._("Expected to be won within %s days", self.pipeline_days),
            [names[place] for place in order],
            [
                (self.env._("Expected"), told.mean[order], False),
                (self.env._("At least (four of five)"), told.low[order], True),
                (self.env._("At most (four of five)"), told.high[order], True),
            ],
            kind="bar",
        )


_EPOCH = fields.Datetime.to_datetime("1970-01-01")
